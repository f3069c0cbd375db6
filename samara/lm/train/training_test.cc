#include "samara/lm/train/training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace samara::lm {
namespace {

TrainingOptions schedule(Decay decay) {
  TrainingOptions options;
  options.warmup = 0.1;
  options.decay_from = 0.2;
  options.decay = decay;
  options.final_share = 0.04;
  return options;
}

TEST(RateShareTest, GrowsInALineThenStays) {
  for (const Decay decay : {Decay::kLinear, Decay::kCosine}) {
    const TrainingOptions options = schedule(decay);
    EXPECT_EQ(rate_share(options, 0.0), 0.0);
    EXPECT_DOUBLE_EQ(rate_share(options, 0.025), 0.25);
    for (const double progress : {0.1, 0.15, 0.2}) EXPECT_EQ(rate_share(options, progress), 1.0);
  }
}

TEST(RateShareTest, FallsAsTheCosineDoes) {
  const TrainingOptions options = schedule(Decay::kCosine);
  EXPECT_DOUBLE_EQ(rate_share(options, 0.6), 0.52);  // half of the way from 1 to 0.04
  EXPECT_DOUBLE_EQ(rate_share(options, 1.0), 0.04);
  EXPECT_DOUBLE_EQ(rate_share(options, 1.01), 0.04);  // the last step reads past the budget
  for (const double way : {0.01, 0.25, 1.0 / 3.0, 0.9}) {
    const double expected = 0.04 + 0.96 * (1.0 + std::cos(std::numbers::pi * way)) / 2.0;
    EXPECT_NEAR(rate_share(options, 0.2 + 0.8 * way), expected, 1e-12) << way;
  }
  EXPECT_NEAR(rate_share(options, 0.2 + 0.8 / 3.0), 0.04 + 0.96 * 0.75, 1e-12);  // cos 60 degrees
}

TEST(RateShareTest, FallsInALine) {
  const TrainingOptions options = schedule(Decay::kLinear);
  EXPECT_DOUBLE_EQ(rate_share(options, 0.4), 0.76);
  EXPECT_DOUBLE_EQ(rate_share(options, 0.6), 0.52);
  EXPECT_DOUBLE_EQ(rate_share(options, 1.0), 0.04);
}

TEST(RateShareTest, WithoutWarmUpItBeginsAtThePeak) {
  TrainingOptions options = schedule(Decay::kCosine);
  options.warmup = options.decay_from = 0.0;
  EXPECT_EQ(rate_share(options, 0.0), 1.0);
}

/// The error, or an empty text.
std::string refusal(void (*change)(TrainingOptions&)) {
  TrainingOptions options;
  change(options);
  const Status status = validate(options);
  if (status.ok()) return "";
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  return status.error().message;
}

TEST(TrainingOptionsTest, WhatCannotBeIsRefusedByNameAndValue) {
  EXPECT_EQ(refusal([](TrainingOptions&) {}), "");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.clip_norm = 0.0; }), "");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.warmup = 1.5; }),
            "training options: warmup is 1.5; give a share, from 0 to 1");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.final_share = -0.5; }),
            "training options: final_share is -0.5; give a share, from 0 to 1");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.final_share = std::numeric_limits<double>::quiet_NaN(); }),
            "training options: final_share is nan; give a share, from 0 to 1");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.clip_norm = -1.0; }),
            "training options: clip_norm is -1; give a number of at least 0");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.learning_rate = 0.0; }),
            "training options: learning_rate is 0; give a number above 0");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.beta2 = 1.0; }),
            "training options: beta2 is 1; give a number from 0 to below 1");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.micro_batch_tokens = 9000; }),
            "training options: micro_batch_tokens is 9000; a step has no more than batch_tokens, 8192: lower "
            "the one or raise the other");
  EXPECT_EQ(refusal([](TrainingOptions& o) { o.warmup = 0.5; }),
            "training options: warmup is 0.5; the rate cannot still grow where it falls, from decay_from 0.3 "
            "on: lower the one or raise the other");
}

}  // namespace
}  // namespace samara::lm
