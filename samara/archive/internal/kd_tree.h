// KdTree: the nearest of a fixed set of points, exactly. CvtMap finds niches with it, and its k-means
// rebuilds one every round. Distances are compared as computed, in one fixed order of operations, and equal
// distances go to the lower index, so the answer is that of a linear search, bit for bit. Immutable; safe
// from many threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace samara::internal {

class KdTree {
 public:
  /// Row after row of `dimensions` coordinates; at least one row, no NaN.
  KdTree(std::span<const double> points, std::size_t dimensions);

  /// Index of the point with the least Euclidean distance. `query` has `dimensions` coordinates.
  std::uint32_t nearest(const double* query) const;

 private:
  struct Node {
    double split = 0.0;          // inner nodes: points below go left, above go right, equal ones either way
    std::uint32_t axis = kLeaf;  // inner nodes: the axis split; the left child follows its parent
    std::uint32_t right = 0;     // inner nodes: the right child
    std::uint32_t begin = 0;     // leaves: their points
    std::uint32_t end = 0;
  };
  struct Best;
  static constexpr std::uint32_t kLeaf = ~0u;

  void build(std::span<const double> points, std::uint32_t begin, std::uint32_t end);
  void search(std::uint32_t node, const double* query, Best& best) const;

  std::size_t dimensions_;
  std::vector<Node> nodes_;             // in depth-first order
  std::vector<std::uint32_t> indices_;  // of the points, leaf by leaf
  std::vector<double> coordinates_;     // the same points' coordinates
};

}  // namespace samara::internal
