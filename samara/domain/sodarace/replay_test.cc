#include "samara/domain/sodarace/replay.h"

#include <gtest/gtest.h>

#include <cmath>

namespace samara::sodarace {
namespace {

Walker triangle() {
  return {{{0, 0}, {2, 0}, {1, 1.5f}}, {{0, 1, false, 0, 0}, {1, 2, true, 0.25f, 0.5f}, {0, 2, false, 0, 0}}};
}

TEST(ReplayTest, MovesEveryJointALittleAndNothingElse) {
  const Walker walker = triangle();
  for (unsigned replay = 1; replay <= 50; ++replay) {
    const Walker shifted = shifted_for_replay(walker, replay);
    EXPECT_EQ(shifted.muscles, walker.muscles);
    ASSERT_EQ(shifted.joints.size(), walker.joints.size());
    for (std::size_t i = 0; i < walker.joints.size(); ++i) {
      EXPECT_NE(shifted.joints[i], walker.joints[i]);
      EXPECT_LE(std::abs(shifted.joints[i].x - walker.joints[i].x), kReplayShift + 1e-6);
      EXPECT_LE(std::abs(shifted.joints[i].y - walker.joints[i].y), kReplayShift + 1e-6);
    }
  }
}

TEST(ReplayTest, EqualWalkersAreShiftedEqually) {
  EXPECT_EQ(shifted_for_replay(triangle(), 3), shifted_for_replay(triangle(), 3));
}

TEST(ReplayTest, ReplaysAndWalkersDiffer) {
  Walker other = triangle();
  other.muscles[1].phase = 0.25f;
  EXPECT_NE(shifted_for_replay(triangle(), 1).joints, shifted_for_replay(triangle(), 2).joints);
  EXPECT_NE(shifted_for_replay(triangle(), 1).joints, shifted_for_replay(other, 1).joints);
}

}  // namespace
}  // namespace samara::sodarace
