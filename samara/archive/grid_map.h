// GridMap: the uniform grid of MAP-Elites, with a number of equal bins on every axis. Read niche_map.h first.
// Niches are numbered row by row: the last axis changes fastest. A bin holds its lower edge and not its upper
// one, except the last bin, which holds both. Immutable.
#pragma once

#include <vector>

#include "samara/archive/niche_map.h"

namespace samara {

struct GridAxis {
  BehaviorAxis axis;
  std::uint32_t bins = 1;
};

class GridMap : public NicheMap {
 public:
  /// At least one axis and one bin on each; fewer than 2^32 niches in all.
  explicit GridMap(std::span<const GridAxis> axes);

  std::uint32_t size() const override { return size_; }
  std::uint32_t niche_of(std::span<const double> behavior) const override;
  Behavior center(std::uint32_t niche) const override;
  std::span<const BehaviorAxis> axes() const override { return axes_; }
  /// The bin on every axis, and back. `coordinates` must have a bin below bins()[i] for every axis i.
  std::vector<std::uint32_t> coordinates(std::uint32_t niche) const;
  std::uint32_t niche_at(std::span<const std::uint32_t> coordinates) const;
  /// Bins on every axis.
  std::span<const std::uint32_t> bins() const { return bins_; }
  std::string fingerprint() const override;

 private:
  std::vector<BehaviorAxis> axes_;
  std::vector<std::uint32_t> bins_;
  std::uint32_t size_ = 1;
};

}  // namespace samara
