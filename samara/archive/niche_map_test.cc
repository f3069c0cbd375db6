#include "samara/archive/niche_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "samara/archive/cvt_map.h"
#include "samara/archive/grid_map.h"
#include "samara/base/rng.h"

namespace samara {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The conformance kit: every kind of niche map passes it. A new kind joins kMaps below.

struct MapCase {
  std::string name;
  std::unique_ptr<NicheMap> (*make)(std::uint64_t variant);  // equal variants give equal maps
};

std::unique_ptr<NicheMap> make_grid(std::uint64_t variant) {
  return std::make_unique<GridMap>(std::vector<GridAxis>{
      {{"height", 0.0, 30.0}, 12}, {{"width", -5.0, 5.0}, 7}, {{"mass", 1.0, 2.0 + double(variant)}, 3}});
}

std::unique_ptr<NicheMap> make_grid_line(std::uint64_t variant) {
  return std::make_unique<GridMap>(std::vector<GridAxis>{{{"x", -1e-3, 1e3 + double(variant)}, 1000}});
}

std::unique_ptr<NicheMap> make_cvt(std::uint64_t variant) {
  return std::make_unique<CvtMap>(
      std::vector<BehaviorAxis>{{"height", 0.0, 30.0}, {"width", -5.0, 5.0}, {"mass", 1.0, 60.0}},
      CvtOptions{.cells = 300, .seed = variant});
}

std::unique_ptr<NicheMap> make_cvt_wide(std::uint64_t variant) {
  std::vector<BehaviorAxis> axes;
  for (int i = 0; i < 9; ++i) axes.push_back({"axis" + std::to_string(i), -1.0 * i, 1.0 + i});
  return std::make_unique<CvtMap>(axes, CvtOptions{.cells = 50, .seed = variant});
}

const MapCase kMaps[] = {
    {"Grid", make_grid}, {"GridLine", make_grid_line}, {"Cvt", make_cvt}, {"CvtNineAxes", make_cvt_wide}};

class NicheMapTest : public testing::TestWithParam<MapCase> {
 protected:
  std::unique_ptr<NicheMap> map_ = GetParam().make(1);

  /// A point of the box stretched by `reach` on every side.
  Behavior random_behavior(Rng& rng, double reach) const {
    Behavior behavior;
    for (const BehaviorAxis& axis : map_->axes()) {
      const double margin = reach * (axis.high - axis.low);
      behavior.push_back(rng.uniform(axis.low - margin, axis.high + margin));
    }
    return behavior;
  }
};

INSTANTIATE_TEST_SUITE_P(Maps, NicheMapTest, testing::ValuesIn(kMaps),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(NicheMapTest, EveryBehaviorHasANiche) {
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) EXPECT_LT(map_->niche_of(random_behavior(rng, 2.0)), map_->size());
}

TEST_P(NicheMapTest, TheCenterOfANicheLiesInIt) {
  for (std::uint32_t niche = 0; niche < map_->size(); ++niche) {
    EXPECT_EQ(map_->niche_of(map_->center(niche)), niche);
  }
}

TEST_P(NicheMapTest, WhatLiesOutsideFallsWhereItsNearestPointInsideFalls) {
  Rng rng(2);
  for (int i = 0; i < 2000; ++i) {
    Behavior outside = random_behavior(rng, 1.0), inside = outside;
    const std::size_t to_infinity = rng.below(3 * static_cast<std::uint32_t>(outside.size()));
    if (to_infinity < outside.size()) outside[to_infinity] = rng.chance(0.5) ? kInfinity : -kInfinity;
    for (std::size_t axis = 0; axis < inside.size(); ++axis) {
      inside[axis] = std::clamp(outside[axis], map_->axes()[axis].low, map_->axes()[axis].high);
    }
    EXPECT_EQ(map_->niche_of(outside), map_->niche_of(inside));
  }
}

TEST_P(NicheMapTest, TheSameSettingsGiveTheSameNiches) {
  const std::unique_ptr<NicheMap> again = GetParam().make(1), other = GetParam().make(2);
  EXPECT_EQ(again->fingerprint(), map_->fingerprint());
  EXPECT_NE(other->fingerprint(), map_->fingerprint());
  for (std::uint32_t niche = 0; niche < map_->size(); ++niche) {
    EXPECT_EQ(again->center(niche), map_->center(niche));
  }
}

TEST_P(NicheMapTest, TheFingerprintIsOneLineThatNamesTheAxes) {
  const std::string fingerprint = map_->fingerprint();
  EXPECT_EQ(fingerprint.find('\n'), std::string::npos);
  for (const BehaviorAxis& axis : map_->axes()) EXPECT_NE(fingerprint.find(axis.name), std::string::npos);
}

TEST_P(NicheMapTest, BugsOfTheCallerEndTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Behavior behavior = map_->center(0);
  behavior[0] = std::nan("");
  EXPECT_DEATH(map_->niche_of(behavior), "check failed");
  behavior.push_back(0.0);
  EXPECT_DEATH(map_->niche_of(behavior), "check failed");
}

// What only one kind promises.

TEST(GridMapTest, TheLastAxisChangesFastest) {
  const GridMap map(std::vector<GridAxis>{{{"x", 0.0, 2.0}, 2}, {{"y", 0.0, 3.0}, 3}});
  EXPECT_EQ(map.niche_of(Behavior{0.5, 0.5}), 0u);
  EXPECT_EQ(map.niche_of(Behavior{0.5, 2.5}), 2u);
  EXPECT_EQ(map.niche_of(Behavior{1.5, 0.5}), 3u);
}

TEST(GridMapTest, ABinHoldsItsLowerEdge) {
  const GridMap map(std::vector<GridAxis>{{{"mass", 0.0, 36.0}, 12}});
  for (std::uint32_t bin = 0; bin < 12; ++bin) {
    EXPECT_EQ(map.niche_of(Behavior{3.0 * bin}), bin);
    EXPECT_EQ(map.niche_of(Behavior{std::nextafter(3.0 * (bin + 1), 0.0)}), bin);
  }
  EXPECT_EQ(map.niche_of(Behavior{36.0}), 11u);
}

RC_GTEST_PROP(CvtMapPropertyTest, ANicheIsTheNearestCentroidAndTiesGoToTheLowerNumber, ()) {
  const std::size_t dimensions = *rc::gen::inRange(1, 5);
  const std::size_t count = *rc::gen::inRange(1, 200);
  // Few distinct coordinates: many points coincide and many distances are equal.
  const auto coordinate = rc::gen::map(rc::gen::inRange(0, 6), [](int x) { return x / 4.0; });
  const auto points = *rc::gen::container<std::vector<double>>(count * dimensions, coordinate);
  const auto query = *rc::gen::container<std::vector<double>>(dimensions, coordinate);

  std::uint32_t expected = 0;
  double least = kInfinity;
  for (std::size_t i = 0; i < count; ++i) {
    double distance = 0.0;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      const double difference = query[axis] - points[i * dimensions + axis];
      distance += difference * difference;
    }
    if (distance < least) {
      least = distance;
      expected = static_cast<std::uint32_t>(i);
    }
  }
  RC_ASSERT(internal::KdTree(points, dimensions).nearest(query.data()) == expected);
}

TEST(CvtMapTest, RandomBehaviorsFallToTheNearestCentroid) {
  const std::unique_ptr<NicheMap> map = make_cvt(7);
  const auto axes = map->axes();
  const auto distance = [&](const Behavior& a, const Behavior& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = (a[i] - b[i]) / (axes[i].high - axes[i].low);
      sum += difference * difference;
    }
    return std::sqrt(sum);
  };
  Rng rng(3);
  for (int i = 0; i < 500; ++i) {
    Behavior behavior;
    for (const BehaviorAxis& axis : axes) behavior.push_back(rng.uniform(axis.low, axis.high));
    const double found = distance(behavior, map->center(map->niche_of(behavior)));
    for (std::uint32_t niche = 0; niche < map->size(); ++niche) {
      EXPECT_LE(found, distance(behavior, map->center(niche)) + 1e-12);
    }
  }
}

TEST(CvtMapTest, TheCellsHaveSimilarVolumes) {
  // k-means evens the cells out: random centroids alone give a largest share four to five times the mean.
  const std::unique_ptr<NicheMap> map = make_cvt(1);
  std::vector<int> hits(map->size());
  Rng rng(4);
  for (int i = 0; i < 300000; ++i) {
    Behavior behavior;
    for (const BehaviorAxis& axis : map->axes()) behavior.push_back(rng.uniform(axis.low, axis.high));
    ++hits[map->niche_of(behavior)];
  }
  const auto [least, most] = std::minmax_element(hits.begin(), hits.end());
  EXPECT_GT(*least, 1000 / 3);
  EXPECT_LT(*most, 1000 * 5 / 2);
}

}  // namespace
}  // namespace samara
