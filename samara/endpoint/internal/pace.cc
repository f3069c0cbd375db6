#include "samara/endpoint/internal/pace.h"

#include <algorithm>

namespace samara::endpoint::internal {

constexpr int kFailuresOfAnOutage = 3;

Pace::Pace(const PaceOptions& options, Rng jitter)
    : options_(options), jitter_(jitter), window_(options.in_flight) {}

std::optional<double> Pace::on_failure(const FailedCall& call, double now) {
  if (call.crowded && call.started >= window_changed_) {  // those already in flight tell nothing new
    window_ = std::max<std::size_t>(1, window_ / 2);
    window_changed_ = now;
  }
  if (call.retry_seconds) not_before_ = std::max(not_before_, now + *call.retry_seconds);
  ++failures_in_row_;
  const bool begins = !outage_ && failures_in_row_ >= kFailuresOfAnOutage;
  if (!begins && !(outage_ && call.is_probe)) return std::nullopt;
  if (begins) {
    outage_ = true;
    outage_since_ = now;
    pause_ = options_.first_pause_seconds;
  } else {
    pause_ = std::min(2.0 * pause_, options_.max_pause_seconds);
  }
  not_before_ = std::max(not_before_, now + with_jitter(pause_));
  return not_before_ - now;
}

std::optional<double> Pace::on_answer(double now) {
  failures_in_row_ = 0;
  window_ = std::min(window_ + 1, options_.in_flight);
  if (!outage_) return std::nullopt;
  outage_ = false;
  return now - outage_since_;
}

double Pace::retry_at(int tries, double now) {
  const double doubled =
      options_.first_pause_seconds * static_cast<double>(1u << std::clamp(tries - 1, 0, 16));
  return now + with_jitter(std::min(options_.max_pause_seconds, doubled));
}

}  // namespace samara::endpoint::internal
