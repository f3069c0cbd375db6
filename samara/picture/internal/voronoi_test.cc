#include "samara/picture/internal/voronoi.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "samara/base/rng.h"

namespace samara::picture::internal {
namespace {

double area(const std::vector<Point>& polygon) {
  double twice = 0.0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point p = polygon[i];
    const Point q = polygon[(i + 1) % polygon.size()];
    twice += p.x * q.y - q.x * p.y;
  }
  return std::fabs(twice) / 2.0;
}

double distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

TEST(VoronoiTest, OneSiteHasTheWholeSquare) {
  const Point site{0.3, 0.8};
  EXPECT_DOUBLE_EQ(area(voronoi_cells({&site, 1})[0]), 1.0);
}

TEST(VoronoiTest, OfSitesAtOnePlaceTheFirstHasTheCell) {
  const std::vector<Point> sites{{0.5, 0.5}, {0.5, 0.5}, {0.9, 0.5}};
  const auto cells = voronoi_cells(sites);
  EXPECT_NEAR(area(cells[0]), 0.7, 1e-12);
  EXPECT_TRUE(cells[1].empty());
  EXPECT_NEAR(area(cells[2]), 0.3, 1e-12);
}

RC_GTEST_PROP(VoronoiProperty, CellsCoverTheSquareAndHoldWhatIsNearest, ()) {
  Rng rng(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<Point> sites(1 + rng.below(60));
  for (Point& site : sites) site = {rng.uniform(), rng.uniform()};
  const auto cells = voronoi_cells(sites);
  double covered = 0.0;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    covered += area(cells[i]);
    for (const Point corner : cells[i]) {
      for (const Point other : sites) RC_ASSERT(distance(corner, sites[i]) <= distance(corner, other) + 1e-9);
    }
  }
  RC_ASSERT(std::fabs(covered - 1.0) < 1e-9);
}

}  // namespace
}  // namespace samara::picture::internal
