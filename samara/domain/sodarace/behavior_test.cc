#include "samara/domain/sodarace/behavior.h"

#include <gtest/gtest.h>

namespace samara::sodarace {
namespace {

TEST(BehaviorTest, IsHeightWidthAndNumberOfJoints) {
  const Walker walker{{{-3, 2}, {4.5f, 2}, {0, 8}, {1, -1}}, {}};
  EXPECT_EQ(behavior_of(walker), (Behavior{9.0, 7.5, 4.0}));
}

TEST(BehaviorTest, DoesNotDependOnWhereTheBodyIs) {
  const Walker here{{{0, 0}, {10, 0.5f}}, {}};
  const Walker left{{{-60, -7}, {-50, -6.5f}}, {}};
  EXPECT_EQ(behavior_of(here), behavior_of(left));
}

TEST(BehaviorTest, ASingleJointHasNoExtent) {
  EXPECT_EQ(behavior_of(Walker{{{7, 7}}, {}}), (Behavior{0.0, 0.0, 1.0}));
}

TEST(BehaviorTest, BinsOfThePapersMapAreWholeUnitsAndJoints) {
  for (const BehaviorDimension& dimension : behavior_dimensions()) {
    const double bin = (dimension.high - dimension.low) / 12;
    EXPECT_EQ(bin, dimension.name == "mass" ? 4.0 : 2.0);
  }
}

}  // namespace
}  // namespace samara::sodarace
