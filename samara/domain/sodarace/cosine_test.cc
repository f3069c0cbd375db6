#include "samara/domain/sodarace/cosine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "samara/base/rng.h"

namespace samara::sodarace {
namespace {

TEST(CosineTest, IsWithinTheStatedErrorOfTheTrueCosine) {
  Rng rng(1);
  for (int i = 0; i < 200'000; ++i) {
    const double turns = rng.uniform(-1000.0, 1000.0);
    // The C library is given an angle of less than a turn: 2 pi times many turns would be the larger error.
    const long double rest = turns - std::floor(turns);
    const long double expected = std::cos(rest * 2 * std::numbers::pi_v<long double>);
    EXPECT_NEAR(cosine_of_turns(turns), static_cast<double>(expected), 1e-15) << turns;
  }
}

TEST(CosineTest, IsExactAtQuarterTurns) {
  for (const double turns : {0.0, 1.0, -3.0, 100.0}) {
    EXPECT_EQ(cosine_of_turns(turns), 1.0);
    EXPECT_EQ(cosine_of_turns(turns + 0.25), 0.0);
    EXPECT_EQ(cosine_of_turns(turns + 0.5), -1.0);
    EXPECT_EQ(cosine_of_turns(turns - 0.25), 0.0);
  }
}

TEST(CosineTest, IsPeriodic) {
  Rng rng(2);
  for (int i = 0; i < 1000; ++i) {
    const double turns =
        static_cast<double>(rng.below(1024)) / 1024;  // whole turns can be added without rounding
    EXPECT_EQ(cosine_of_turns(turns), cosine_of_turns(turns + 7));
  }
}

}  // namespace
}  // namespace samara::sodarace
