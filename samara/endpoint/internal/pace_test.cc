#include "samara/endpoint/internal/pace.h"

#include <gtest/gtest.h>

namespace samara::endpoint::internal {
namespace {

Pace pace_of(std::size_t in_flight = 8) {
  return Pace({in_flight, 1.0, 4.0}, Rng(1));
}

TEST(PaceTest, CrowdingHalvesWhatIsInFlightOncePerRoundAndAnswersAddOne) {
  Pace pace = pace_of();
  EXPECT_EQ(pace.limit(), 8U);
  pace.on_failure({.started = 9.0, .crowded = true}, 10.0);
  EXPECT_EQ(pace.limit(), 4U);
  pace.on_failure({.started = 9.0, .crowded = true}, 10.1);  // was in flight already
  EXPECT_EQ(pace.limit(), 4U);
  for (int answer = 0; answer < 10; ++answer) pace.on_answer(11.0);
  EXPECT_EQ(pace.limit(), 8U);
}

TEST(PaceTest, ThreeFailuresInARowAreAnOutageThatProbesEndOrLengthen) {
  Pace pace = pace_of();
  EXPECT_FALSE(pace.on_failure({}, 1.0));
  EXPECT_FALSE(pace.on_failure({}, 1.0));
  EXPECT_FALSE(pace.on_answer(1.0)) << "an answer in between starts the count anew";
  EXPECT_FALSE(pace.on_failure({}, 2.0));
  EXPECT_FALSE(pace.on_failure({}, 2.0));
  const auto first = pace.on_failure({}, 2.0);
  ASSERT_TRUE(first);
  EXPECT_GE(*first, 0.5);
  EXPECT_LE(*first, 1.0);
  EXPECT_EQ(pace.not_before(), 2.0 + *first);
  EXPECT_EQ(pace.limit(), 1U);
  EXPECT_FALSE(pace.on_failure({}, 3.0)) << "it began before the outage";
  double longest = 0.0;
  for (double now = 10.0; now < 100.0; now += 10.0) {
    const auto pause = pace.on_failure({.is_probe = true}, now);
    ASSERT_TRUE(pause);
    longest = std::max(longest, *pause);
  }
  EXPECT_GT(longest, 2.0);
  EXPECT_LE(longest, 4.0);
  EXPECT_EQ(pace.on_answer(102.0), 100.0);
  EXPECT_FALSE(pace.in_outage());
  EXPECT_EQ(pace.limit(), 8U);
}

TEST(PaceTest, WhatTheEndpointAsksForIsWaited) {
  Pace pace = pace_of();
  pace.on_failure({.retry_seconds = 30.0}, 1.0);
  EXPECT_EQ(pace.not_before(), 31.0);
  pace.on_failure({.retry_seconds = 2.0}, 2.0);
  EXPECT_EQ(pace.not_before(), 31.0);
}

TEST(PaceTest, QuestionsAreTriedAgainLaterAndLater) {
  Pace pace = pace_of();
  for (int tries = 1; tries < 60; ++tries) {
    const double most = tries == 1 ? 1.0 : tries == 2 ? 2.0 : 4.0;
    const double wait = pace.retry_at(tries, 5.0) - 5.0;
    EXPECT_GE(wait, most / 2) << tries;
    EXPECT_LE(wait, most) << tries;
  }
}

}  // namespace
}  // namespace samara::endpoint::internal
