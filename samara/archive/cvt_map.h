// CvtMap: niches as the cells of a centroidal Voronoi tessellation (Vassiliades et al., "Using centroidal
// Voronoi tessellations to scale up MAP-Elites", 2018), for behavior spaces where a grid would have too many
// bins. Read niche_map.h first. The centroids come from k-means over uniform samples, in plain additions,
// multiplications and divisions only, so they are the same bits on every machine. Immutable.
#pragma once

#include <vector>

#include "samara/archive/internal/kd_tree.h"
#include "samara/archive/niche_map.h"

namespace samara {

struct CvtOptions {
  std::uint32_t cells = 1000;
  std::uint64_t seed = 1;
  std::uint32_t samples_per_cell = 10;
  std::uint32_t max_rounds = 30;  ///< of k-means; fewer when it converges
};

/// Distances are measured with every axis scaled to [0, 1], so the units of the axes do not matter. A
/// behavior belongs to the nearest centroid; at equal distance to the one with the lower number.
class CvtMap final : public NicheMap {
 public:
  /// At least one axis, one cell and one sample per cell. Costs about a second for 10,000 cells.
  CvtMap(std::span<const BehaviorAxis> axes, const CvtOptions& options);

  std::uint32_t size() const override { return options_.cells; }
  std::uint32_t niche_of(std::span<const double> behavior) const override;
  Behavior center(std::uint32_t niche) const override;
  std::span<const BehaviorAxis> axes() const override { return axes_; }
  std::string fingerprint() const override;

 private:
  std::vector<BehaviorAxis> axes_;
  CvtOptions options_;
  std::vector<double> centroids_;  // (cells, axes), each in [0, 1]
  internal::KdTree tree_;
};

}  // namespace samara
