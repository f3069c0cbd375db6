#include "samara/archive/growing_grid_map.h"

#include <algorithm>
#include <cmath>

namespace samara {
namespace {

/// Values beyond count as this; so sums and differences stay finite.
constexpr double kLargest = 1e150;
/// Bins are not finer than this part of the values: what is below is noise of arithmetic.
constexpr int kFinestBits = 30;

double held(double value) {
  return std::clamp(value, -kLargest, kLargest);
}

/// The finest power of two with which `bins` bins reach from `smallest` to `largest`.
double bin_width(double smallest, double largest, std::uint32_t bins) {
  const double size = std::max(std::abs(smallest), std::abs(largest));
  const double least = std::max((largest - smallest) / bins, std::ldexp(size, -kFinestBits));
  double width = std::ldexp(1.0, std::max(std::ilogb(std::max(least, 1e-30)), -90));
  while (std::floor(largest / width) - std::floor(smallest / width) >= bins) width *= 2.0;
  return width;
}

}  // namespace

GrowingGridMap::GrowingGridMap(std::span<const GrowingAxis> axes)
    : GrowingGridMap({axes.begin(), axes.end()}, [&] {
        std::vector<Range> ranges(axes.size());
        for (std::size_t i = 0; i < axes.size(); ++i) {
          ranges[i].grows = axes[i].grows;
          ranges[i].width = 1.0 / axes[i].grid.bins;
        }
        return ranges;
      }()) {}

GrowingGridMap::GrowingGridMap(std::vector<GrowingAxis> axes, std::vector<Range> ranges)
    : GridMap(shown(axes, ranges)), declared_(std::move(axes)), ranges_(std::move(ranges)) {}

std::vector<GridAxis> GrowingGridMap::shown(std::span<const GrowingAxis> axes,
                                            std::span<const Range> ranges) {
  std::vector<GridAxis> result;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    GridAxis axis = axes[i].grid;
    if (axes[i].grows) {
      axis.axis.low = ranges[i].first * ranges[i].width;
      axis.axis.high = (ranges[i].first + axis.bins) * ranges[i].width;
    }
    result.push_back(std::move(axis));
  }
  return result;
}

std::uint32_t GrowingGridMap::niche_of(std::span<const double> behavior) const {
  // Division by a power of two and floor() are exact, so that a bin is the same set of values whatever the
  // range.
  std::vector<std::uint32_t> bins = coordinates(GridMap::niche_of(behavior));
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (!ranges_[i].grows || !ranges_[i].any) continue;
    const double bin = std::floor(held(behavior[i]) / ranges_[i].width) - ranges_[i].first;
    bins[i] = static_cast<std::uint32_t>(std::clamp(bin, 0.0, this->bins()[i] - 1.0));
  }
  return niche_at(bins);
}

std::shared_ptr<const NicheMap> GrowingGridMap::after_seeing(std::span<const double> behavior) const {
  SAMARA_CHECK(behavior.size() == ranges_.size());
  std::vector<Range> ranges = ranges_;
  bool grown = false;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    Range& range = ranges[i];
    const double value = held(behavior[i]);
    if (!range.grows || (range.any && value >= range.smallest && value <= range.largest)) continue;
    grown = true;
    range.smallest = range.any ? std::min(range.smallest, value) : value;
    range.largest = range.any ? std::max(range.largest, value) : value;
    range.any = true;
    range.width = bin_width(range.smallest, range.largest, declared_[i].grid.bins);
    range.first = std::floor(range.smallest / range.width);
  }
  if (!grown) return nullptr;
  return std::shared_ptr<const NicheMap>(new GrowingGridMap(declared_, std::move(ranges)));
}

}  // namespace samara
