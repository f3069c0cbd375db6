#include "samara/evolve/novelty_filter.h"

#include <algorithm>
#include <cmath>

#include "samara/base/check.h"

namespace samara {
namespace {

/// The most selective bands that still let programs at the threshold share one with this probability.
std::size_t rows_for(double threshold) {
  constexpr double kFound = 0.95;
  for (std::size_t rows = std::tuple_size_v<TextSketch>; rows > 1; rows /= 2) {
    const double bands = static_cast<double>(std::tuple_size_v<TextSketch> / rows);
    const double share_a_band = 1.0 - std::pow(1.0 - std::pow(threshold, static_cast<double>(rows)), bands);
    if (share_a_band >= kFound) return rows;
  }
  return 1;
}

}  // namespace

NoveltyFilter::NoveltyFilter(double threshold)
    : threshold_(threshold),
      rows_(rows_for(threshold)),
      bands_(std::tuple_size_v<TextSketch> / rows_),
      table_(bands_ * places_, kEmpty) {
  SAMARA_CHECK(threshold > 0.0 && threshold <= 1.0);
}

std::size_t NoveltyFilter::place_of(const TextSketch& sketch, std::size_t band) const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (std::size_t i = band * rows_; i < (band + 1) * rows_; ++i) {
    hash = (hash ^ sketch[i]) * 0x100000001b3ULL;
  }
  hash ^= hash >> 32;
  return band * places_ + (hash & (places_ - 1));
}

std::optional<double> NoveltyFilter::find_near(const TextSketch& sketch) const {
  double nearest = 0.0;
  for (std::size_t band = 0; band < bands_; ++band) {
    const std::uint32_t number = table_[place_of(sketch, band)];
    if (number != kEmpty) nearest = std::max(nearest, similarity(sketch, sketches_[number]));
  }
  return nearest >= threshold_ ? std::optional(nearest) : std::nullopt;
}

void NoveltyFilter::add(const TextSketch& sketch) {
  sketches_.push_back(sketch);
  if (2 * sketches_.size() > places_) {  // half full at most: few programs push another out of its place
    places_ *= 2;
    table_.assign(bands_ * places_, kEmpty);
    for (std::uint32_t number = 0; number + 1 < sketches_.size(); ++number) index(number);
  }
  index(static_cast<std::uint32_t>(sketches_.size() - 1));
}

void NoveltyFilter::index(std::uint32_t number) {
  for (std::size_t band = 0; band < bands_; ++band) table_[place_of(sketches_[number], band)] = number;
}

}  // namespace samara
