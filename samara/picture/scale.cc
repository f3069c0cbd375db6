#include "samara/picture/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "samara/base/check.h"

namespace samara::picture {
namespace {

// The step of 1, 2 or 5 times a power of ten that comes nearest to cutting the range into that many parts.
double round_step(double range, int about) {
  const double rough = range / std::max(about, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double squared = (rough / power) * (rough / power);
  return power * (squared < 2.0 ? 1.0 : squared < 10.0 ? 2.0 : squared < 50.0 ? 5.0 : 10.0);
}

std::string with_commas(std::string digits) {
  const std::size_t first = digits[0] == '-' ? 1 : 0;
  std::size_t end = std::min(digits.find('.'), digits.size());
  while (end > first + 3) {
    end -= 3;
    digits.insert(end, 1, ',');
  }
  return digits;
}

bool is_extreme(double value) {
  return value != 0.0 && (std::fabs(value) >= 1e9 || std::fabs(value) < 0.9e-5);
}

// Enough decimals to tell multiples of `step` apart.
std::string tick_text(double value, double step) {
  if (is_extreme(value)) return fmt::format("{:.3g}", value);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-6)));
  return with_commas(fmt::format("{:.{}f}", value + 0.0, decimals));
}

}  // namespace

std::string number_text(double value) {
  if (!std::isfinite(value) || is_extreme(value)) return fmt::format("{:.3g}", value);
  if (std::fabs(value) >= 1000.0) return with_commas(fmt::format("{:.0f}", value));
  return fmt::format("{:.4g}", value);
}

Scale::Scale(double low, double high, double start, double end, Kind kind)
    : low_(low), high_(high), start_(start), end_(end), kind_(kind) {
  SAMARA_CHECK(std::isfinite(low) && std::isfinite(high) && low <= high);
  if (kind == Kind::kLogarithmic) {
    if (high_ <= 0.0) high_ = 1.0;
    if (low_ <= 0.0) low_ = high_ / 1000.0;
    if (low_ == high_) {
      low_ /= 2.0;
      high_ *= 2.0;
    }
  } else if (low_ == high_) {
    const double margin = low_ == 0.0 ? 0.5 : 0.5 * std::fabs(low_);
    low_ -= margin;
    high_ += margin;
  }
}

double Scale::operator()(double value) const {
  const double v = std::clamp(value, low_, high_);
  const double share =
      kind_ == Kind::kLinear ? (v - low_) / (high_ - low_) : std::log(v / low_) / std::log(high_ / low_);
  return start_ + share * (end_ - start_);
}

std::vector<Tick> Scale::ticks(int about) const {
  std::vector<Tick> ticks;
  const double decades = kind_ == Kind::kLogarithmic ? std::log10(high_ / low_) : 0.0;
  if (decades >= 1.5) {
    // Powers of ten, with their double and fivefold where there is room for them.
    const int every = std::max(1, static_cast<int>(std::ceil(decades / about)));
    const bool between = decades * 3.0 <= about + 1;
    for (int power = static_cast<int>(std::floor(std::log10(low_))); power <= std::log10(high_) + 1e-9;
         ++power) {
      if (power % every != 0) continue;
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double value = factor * std::pow(10.0, power);
        const bool inside = value >= low_ * (1.0 - 1e-9) && value <= high_ * (1.0 + 1e-9);
        if (inside && (factor == 1.0 || between)) ticks.push_back({value, tick_text(value, value)});
      }
    }
    return ticks;
  }
  const double step = round_step(high_ - low_, about);
  for (double i = std::ceil(low_ / step - 1e-9); i <= high_ / step + 1e-9; i += 1.0) {
    ticks.push_back({i * step, tick_text(i * step, step)});
  }
  return ticks;
}

Scale Scale::widened(int about) const {
  if (kind_ == Kind::kLogarithmic) {
    return {std::pow(10.0, std::floor(std::log10(low_) + 1e-9)),
            std::pow(10.0, std::ceil(std::log10(high_) - 1e-9)), start_, end_, kind_};
  }
  // A wider range may ask for a larger step, which may widen it further.
  Scale scale = *this;
  while (true) {
    const double step = round_step(scale.high_ - scale.low_, about);
    const double low = std::floor(scale.low_ / step + 1e-9) * step;
    const double high = std::ceil(scale.high_ / step - 1e-9) * step;
    const bool done = std::max(scale.low_ - low, high - scale.high_) < 1e-6 * step;
    scale.low_ = low;
    scale.high_ = high;
    if (done) return scale;
  }
}

}  // namespace samara::picture
