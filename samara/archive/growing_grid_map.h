// GrowingGridMap: a grid on which some axes have no range of their own: it follows the behaviors that were
// seen. Read grid_map.h first. On such an axis a bin is a power of two wide and starts at a multiple of that,
// the finest with which the bins reach from the smallest to the largest value so far; so a map is a function
// of these two, and when a range grows, bins are renumbered or joined in pairs but never cut. Immutable:
// after_seeing() gives the next one.
#pragma once

#include <memory>
#include <vector>

#include "samara/archive/grid_map.h"

namespace samara {

struct GrowingAxis {
  GridAxis grid;
  bool grows = false;  ///< then the axis' own range says nothing
};

class GrowingGridMap final : public GridMap {
 public:
  /// Of no behavior seen yet: each axis that grows shows [0, 1].
  explicit GrowingGridMap(std::span<const GrowingAxis> axes);

  std::uint32_t niche_of(std::span<const double> behavior) const override;
  std::shared_ptr<const NicheMap> after_seeing(std::span<const double> behavior) const override;

 private:
  /// The values seen on an axis that grows.
  struct Range {
    bool grows = false;
    bool any = false;
    double smallest = 0.0, largest = 0.0;
    double width = 1.0;  ///< of a bin
    double first = 0.0;  ///< the first bin starts at first * width
  };

  GrowingGridMap(std::vector<GrowingAxis> axes, std::vector<Range> ranges);
  static std::vector<GridAxis> shown(std::span<const GrowingAxis> axes, std::span<const Range> ranges);

  std::vector<GrowingAxis> declared_;
  std::vector<Range> ranges_;
};

}  // namespace samara
