#include "samara/archive/cvt_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "samara/base/rng.h"
#include "samara/base/sha256.h"

namespace samara {
namespace {

constexpr std::size_t kMaxAxes = 64;

/// Lloyd's algorithm from the first samples; a cell that lost all its samples keeps its centroid.
std::vector<double> k_means(std::size_t dimensions, const CvtOptions& options) {
  Rng rng(options.seed, 0, 0, Stream::kNicheMap);
  const std::size_t samples = std::size_t{options.cells} * options.samples_per_cell;
  std::vector<double> points(samples * dimensions);
  for (double& x : points) x = rng.uniform();
  std::vector<double> centroids(points.begin(),
                                points.begin() + static_cast<long>(options.cells * dimensions));

  std::vector<std::uint32_t> cell_of(samples, ~0u);
  for (std::uint32_t round = 0; round < options.max_rounds; ++round) {
    const internal::KdTree tree(centroids, dimensions);
    std::vector<double> sums(centroids.size(), 0.0);
    std::vector<std::uint32_t> counts(options.cells, 0);
    bool changed = false;
    for (std::size_t i = 0; i < samples; ++i) {
      const double* point = &points[i * dimensions];
      const std::uint32_t cell = tree.nearest(point);
      changed |= cell != cell_of[i];
      cell_of[i] = cell;
      ++counts[cell];
      for (std::size_t axis = 0; axis < dimensions; ++axis) sums[cell * dimensions + axis] += point[axis];
    }
    if (!changed) break;
    for (std::uint32_t cell = 0; cell < options.cells; ++cell) {
      if (counts[cell] == 0) continue;
      for (std::size_t axis = 0; axis < dimensions; ++axis) {
        centroids[cell * dimensions + axis] = sums[cell * dimensions + axis] / counts[cell];
      }
    }
  }
  return centroids;
}

/// Settings checked before anything is computed from them.
const CvtOptions& checked(std::span<const BehaviorAxis> axes, const CvtOptions& options) {
  SAMARA_CHECK(!axes.empty() && axes.size() <= kMaxAxes);
  for (const BehaviorAxis& axis : axes) {
    SAMARA_CHECK(std::isfinite(axis.low) && std::isfinite(axis.high) && axis.low < axis.high);
  }
  SAMARA_CHECK(options.cells >= 1 && options.samples_per_cell >= 1);
  return options;
}

}  // namespace

CvtMap::CvtMap(std::span<const BehaviorAxis> axes, const CvtOptions& options)
    : axes_(axes.begin(), axes.end()),
      options_(checked(axes, options)),
      centroids_(k_means(axes.size(), options)),
      tree_(centroids_, axes.size()) {}

std::uint32_t CvtMap::niche_of(std::span<const double> behavior) const {
  SAMARA_CHECK(behavior.size() == axes_.size());
  std::array<double, kMaxAxes> scaled;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    SAMARA_CHECK(!std::isnan(behavior[i]));
    const double inside = std::clamp(behavior[i], axes_[i].low, axes_[i].high);
    scaled[i] = (inside - axes_[i].low) / (axes_[i].high - axes_[i].low);
  }
  return tree_.nearest(scaled.data());
}

Behavior CvtMap::center(std::uint32_t niche) const {
  SAMARA_CHECK(niche < size());
  Behavior center(axes_.size());
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    center[i] = axes_[i].low + centroids_[niche * axes_.size() + i] * (axes_[i].high - axes_[i].low);
  }
  return center;
}

std::string CvtMap::fingerprint() const {
  // The settings imply the centroids; their hash is there to notice a machine on which they come out
  // otherwise.
  Sha256 hash;
  for (const double x : centroids_) hash.add_double(x);
  return fmt::format("cvt cells={} seed={} samples_per_cell={} max_rounds={} centroids={} {}", options_.cells,
                     options_.seed, options_.samples_per_cell, options_.max_rounds,
                     to_hex(hash.finish().data(), 8), axes_text(axes_));
}

}  // namespace samara
