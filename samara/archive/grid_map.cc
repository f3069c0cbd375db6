#include "samara/archive/grid_map.h"

#include <fmt/ranges.h>

#include <cmath>

namespace samara {

GridMap::GridMap(std::span<const GridAxis> axes) {
  SAMARA_CHECK(!axes.empty());
  std::uint64_t size = 1;
  for (const auto& [axis, bins] : axes) {
    SAMARA_CHECK(std::isfinite(axis.low) && std::isfinite(axis.high) && axis.low < axis.high);
    SAMARA_CHECK(bins >= 1);
    size *= bins;
    SAMARA_CHECK(size < (std::uint64_t{1} << 32));
    axes_.push_back(axis);
    bins_.push_back(bins);
  }
  size_ = static_cast<std::uint32_t>(size);
}

std::uint32_t GridMap::niche_of(std::span<const double> behavior) const {
  SAMARA_CHECK(behavior.size() == axes_.size());
  std::uint32_t niche = 0;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    SAMARA_CHECK(!std::isnan(behavior[i]));
    // Multiplied before it is divided: an edge that is a round number then falls into the bin that starts
    // there.
    const double position = (behavior[i] - axes_[i].low) * bins_[i] / (axes_[i].high - axes_[i].low);
    const std::uint32_t last = bins_[i] - 1;
    const std::uint32_t bin = position >= last ? last
                              : position > 0   ? static_cast<std::uint32_t>(position)
                                               : 0;
    niche = niche * bins_[i] + bin;
  }
  return niche;
}

std::vector<std::uint32_t> GridMap::coordinates(std::uint32_t niche) const {
  SAMARA_CHECK(niche < size_);
  std::vector<std::uint32_t> coordinates(axes_.size());
  for (std::size_t i = axes_.size(); i-- > 0;) {
    coordinates[i] = niche % bins_[i];
    niche /= bins_[i];
  }
  return coordinates;
}

std::uint32_t GridMap::niche_at(std::span<const std::uint32_t> coordinates) const {
  SAMARA_CHECK(coordinates.size() == axes_.size());
  std::uint32_t niche = 0;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    SAMARA_CHECK(coordinates[i] < bins_[i]);
    niche = niche * bins_[i] + coordinates[i];
  }
  return niche;
}

Behavior GridMap::center(std::uint32_t niche) const {
  const std::vector<std::uint32_t> bin = coordinates(niche);
  Behavior center(axes_.size());
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    center[i] = axes_[i].low + (bin[i] + 0.5) * (axes_[i].high - axes_[i].low) / bins_[i];
  }
  return center;
}

std::string GridMap::fingerprint() const {
  return fmt::format("grid {} {}", fmt::join(bins_, "x"), axes_text(axes_));
}

}  // namespace samara
