#include "samara/domain/sodarace/placement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "samara/domain/sodarace/physics.h"
#include "samara/domain/sodarace/terrain.h"

namespace samara::sodarace {
namespace {

const Terrain kHill{.name = "hill", .ground = {{-10, 0}, {0, 5}, {20, -5}}, .obstacles = {}};

TEST(TerrainTest, GroundIsStraightBetweenItsPointsAndLevelBeyond) {
  EXPECT_EQ(ground_height(kHill, -5), 2.5);
  EXPECT_EQ(ground_height(kHill, 0), 5);
  EXPECT_EQ(ground_height(kHill, 10), 0);
  EXPECT_EQ(ground_height(kHill, -100), 0);
  EXPECT_EQ(ground_height(kHill, 100), -5);
}

TEST(PlacementTest, TheLowestJointRestsOnLevelGround) {
  const Walker walker{.joints = {{3, 7}, {5, 4}, {4, 9}}, .muscles = {}};
  const std::vector<Point> placed = place(walker, flat_terrain());
  EXPECT_EQ(placed[1].y, kRestHeight);
  EXPECT_NEAR(placed[2].y, kRestHeight + 5 * kWorldPerProgramUnit, 1e-4);
}

TEST(PlacementTest, TheMiddleOfTheWidthIsAtZero) {
  const Walker walker{.joints = {{3, 7}, {5, 4}, {4, 9}}, .muscles = {}};
  const std::vector<Point> placed = place(walker, flat_terrain());
  EXPECT_EQ(placed[0].x, -placed[1].x);
  EXPECT_EQ(placed[2].x, 0);
}

TEST(PlacementTest, NoJointStartsInsideAHill) {
  const Walker walker{.joints = {{-2, 0}, {0, 0}, {2, 1}}, .muscles = {}};
  for (const Point& joint : place(walker, kHill)) {
    for (double x = joint.x - kJointRadius; x <= joint.x + kJointRadius; x += 0.1) {
      EXPECT_GE(std::hypot(joint.x - x, joint.y - ground_height(kHill, x)), kJointRadius);
    }
  }
}

TEST(PlacementTest, MusclesHaveOneOrderHoweverTheyAreListedAndNamed) {
  const std::vector<Joint> joints = {{0, 0}, {1, 0}, {2, 0}};
  const Walker one{.joints = joints, .muscles = {{.a = 0, .b = 1}, {.a = 1, .b = 2}, {.a = 0, .b = 2}}};
  const Walker other{.joints = joints, .muscles = {{.a = 2, .b = 0}, {.a = 2, .b = 1}, {.a = 1, .b = 0}}};
  EXPECT_EQ(canonical_muscles(one), canonical_muscles(other));
}

TEST(PlacementTest, WhatIsNotANumberHasNoPlace) {
  EXPECT_EQ(why_not_placeable(Walker{.joints = {{0, 0}}, .muscles = {}}), std::nullopt);
  EXPECT_NE(why_not_placeable(Walker{}), std::nullopt);
  EXPECT_NE(why_not_placeable(Walker{.joints = {{0, NAN}}, .muscles = {}}), std::nullopt);
  EXPECT_NE(why_not_placeable(Walker{.joints = {{INFINITY, 0}}, .muscles = {}}), std::nullopt);
  const Muscle muscle{.a = 0, .b = 1, .active = true, .amplitude = NAN};
  EXPECT_NE(why_not_placeable(Walker{.joints = {{0, 0}, {1, 0}}, .muscles = {muscle}}), std::nullopt);
}

}  // namespace
}  // namespace samara::sodarace
