#include "samara/archive/internal/kd_tree.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "samara/base/check.h"

namespace samara::internal {
namespace {

constexpr std::uint32_t kLeafSize = 8;

}  // namespace

struct KdTree::Best {
  double distance = std::numeric_limits<double>::infinity();  // squared
  std::uint32_t index = ~0u;
};

KdTree::KdTree(std::span<const double> points, std::size_t dimensions) : dimensions_(dimensions) {
  SAMARA_CHECK(dimensions > 0 && !points.empty() && points.size() % dimensions == 0);
  indices_.resize(points.size() / dimensions);
  std::iota(indices_.begin(), indices_.end(), 0u);
  build(points, 0, static_cast<std::uint32_t>(indices_.size()));
  coordinates_.reserve(points.size());
  for (const std::uint32_t index : indices_) {
    const auto point = points.subspan(index * dimensions, dimensions);
    coordinates_.insert(coordinates_.end(), point.begin(), point.end());
  }
}

void KdTree::build(std::span<const double> points, std::uint32_t begin, std::uint32_t end) {
  const std::size_t node = nodes_.size();
  nodes_.emplace_back();
  nodes_[node].begin = begin;
  nodes_[node].end = end;
  if (end - begin <= kLeafSize) return;

  // Split the widest axis at the median.
  std::uint32_t widest = 0;
  double width = -1.0;
  for (std::uint32_t axis = 0; axis < dimensions_; ++axis) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::uint32_t i = begin; i < end; ++i) {
      const double x = points[indices_[i] * dimensions_ + axis];
      low = std::min(low, x);
      high = std::max(high, x);
    }
    if (high - low > width) {
      width = high - low;
      widest = axis;
    }
  }
  const std::uint32_t middle = begin + (end - begin) / 2;
  const auto coordinate = [&](std::uint32_t index) { return points[index * dimensions_ + widest]; };
  std::nth_element(indices_.begin() + begin, indices_.begin() + middle, indices_.begin() + end,
                   [&](std::uint32_t a, std::uint32_t b) { return coordinate(a) < coordinate(b); });
  nodes_[node].axis = widest;
  nodes_[node].split = coordinate(indices_[middle]);
  build(points, begin, middle);
  nodes_[node].right = static_cast<std::uint32_t>(nodes_.size());
  build(points, middle, end);
}

std::uint32_t KdTree::nearest(const double* query) const {
  Best best;
  search(0, query, best);
  return best.index;
}

void KdTree::search(std::uint32_t node_index, const double* query, Best& best) const {
  const Node& node = nodes_[node_index];
  if (node.axis == kLeaf) {
    const double* point = &coordinates_[node.begin * dimensions_];
    for (std::uint32_t i = node.begin; i < node.end; ++i, point += dimensions_) {
      double distance = 0.0;
      for (std::size_t axis = 0; axis < dimensions_; ++axis) {
        const double difference = query[axis] - point[axis];
        distance += difference * difference;
      }
      if (distance < best.distance || (distance == best.distance && indices_[i] < best.index)) {
        best = {distance, indices_[i]};
      }
    }
    return;
  }
  const double difference = query[node.axis] - node.split;
  const std::uint32_t near = difference < 0 ? node_index + 1 : node.right;
  const std::uint32_t far = difference < 0 ? node.right : node_index + 1;
  search(near, query, best);
  // Rounding is monotonic, so no point beyond the split has a computed distance below this bound.
  if (difference * difference <= best.distance) search(far, query, best);
}

}  // namespace samara::internal
