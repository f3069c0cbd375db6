#include "samara/picture/internal/voronoi.h"

#include <algorithm>

namespace samara::picture::internal {
namespace {

double squared_distance(Point a, Point b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

// The part of the convex polygon that is at most as far from `site` as from `other`.
std::vector<Point> clip(const std::vector<Point>& polygon, Point site, Point other) {
  // How far a point is on the other's side of the bisector, up to a factor.
  const double nx = other.x - site.x;
  const double ny = other.y - site.y;
  const double offset = 0.5 * (other.x * other.x + other.y * other.y - site.x * site.x - site.y * site.y);
  const auto beyond = [&](Point p) { return p.x * nx + p.y * ny - offset; };

  std::vector<Point> kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point p = polygon[i];
    const Point q = polygon[(i + 1) % polygon.size()];
    const double at_p = beyond(p);
    const double at_q = beyond(q);
    if (at_p <= 0.0) kept.push_back(p);
    if ((at_p < 0.0 && at_q > 0.0) || (at_p > 0.0 && at_q < 0.0)) {
      const double share = at_p / (at_p - at_q);
      kept.push_back({p.x + share * (q.x - p.x), p.y + share * (q.y - p.y)});
    }
  }
  return kept;
}

}  // namespace

std::vector<std::vector<Point>> voronoi_cells(std::span<const Point> sites) {
  std::vector<std::vector<Point>> cells(sites.size());
  // Sites from left to right, so that each cell meets its neighbors first and the far ones can be left out.
  std::vector<std::size_t> order(sites.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sites[a].x < sites[b].x || (sites[a].x == sites[b].x && a < b);
  });

  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t i = order[place];
    std::vector<Point> cell{{0.0, 0.0}, {1.0, 0.0}, {1.0, 1.0}, {0.0, 1.0}};
    double reach = 0.0;  // squared distance from the site beyond which no other site can cut the cell
    const auto update_reach = [&] {
      reach = 0.0;
      for (const Point corner : cell) reach = std::max(reach, 4.0 * squared_distance(corner, sites[i]));
    };
    const auto meet = [&](std::size_t j) {
      const double distance = squared_distance(sites[i], sites[j]);
      if (distance == 0.0 && j < i) cell.clear();
      if (distance == 0.0 || distance > reach) return;
      cell = clip(cell, sites[i], sites[j]);
      update_reach();
    };
    const auto too_far = [&](std::size_t j) {
      return (sites[j].x - sites[i].x) * (sites[j].x - sites[i].x) > reach;
    };

    update_reach();
    bool left = place > 0;
    bool right = place + 1 < order.size();
    for (std::size_t step = 1; left || right; ++step) {
      if (left) meet(order[place - step]);
      if (right) meet(order[place + step]);
      left = left && place >= step + 1 && !too_far(order[place - step - 1]);
      right = right && place + step + 1 < order.size() && !too_far(order[place + step + 1]);
    }
    cells[i] = std::move(cell);
  }
  return cells;
}

}  // namespace samara::picture::internal
