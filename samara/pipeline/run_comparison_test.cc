#include "samara/pipeline/run_comparison.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

Moment moment(std::uint64_t proposals, double qd_score) {
  Moment moment;
  moment.proposals = proposals;
  moment.stats.qd_score = qd_score;
  return moment;
}

TEST(RunComparisonTest, IntervalsAreStudents) {
  // Mean 2, standard deviation 1, three values: 4.303 / sqrt(3).
  const double values[] = {1.0, 2.0, 3.0};
  const Estimate of_three = estimate(values);
  EXPECT_DOUBLE_EQ(of_three.mean, 2.0);
  EXPECT_NEAR(of_three.half_width, 2.4843, 1e-3);
  EXPECT_FALSE(estimate(std::span(values).first(1)).has_interval());
  const std::vector<double> many(100, 7.0);
  EXPECT_NEAR(estimate(many).half_width, 0.0, 1e-12);
}

TEST(RunComparisonTest, FiguresBetweenIterationsAreInProportion) {
  const std::vector<Moment> moments = {moment(0, 0.0), moment(10, 5.0), moment(30, 6.0)};
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kQdScore, 0.0), 0.0);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kQdScore, 4.0), 2.0);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kQdScore, 10.0), 5.0);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kQdScore, 20.0), 5.5);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kQdScore, 30.0), 6.0);
}

TEST(RunComparisonTest, SharesBetweenIterationsAreOfWhatWasTriedThen) {
  std::vector<Moment> moments = {moment(0, 0.0), moment(10, 0.0), moment(40, 0.0)};
  const auto set = [](Moment& at, std::uint64_t invalid, std::uint64_t rejected) {
    at.outcomes[static_cast<std::size_t>(Outcome::kNoDiff)] = invalid;
    at.outcomes[static_cast<std::size_t>(Outcome::kRejected)] = rejected;
  };
  set(moments[1], 2, 8);
  set(moments[2], 2, 38);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kValid, 0.0), 0.0);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kValid, 5.0), 0.8);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kRunnable, 5.0), 1.0);
  EXPECT_DOUBLE_EQ(figure_at(moments, Figure::kValid, 25.0), 23.0 / 25.0);
}

TEST(RunComparisonTest, AGroupGoesAsFarAsItsShortestRun) {
  const RunGroup group{"two", {{moment(0, 0.0), moment(10, 4.0)}, {moment(0, 0.0), moment(40, 8.0)}}};
  EXPECT_EQ(group.reach(), 10U);
  EXPECT_DOUBLE_EQ(group.at(Figure::kQdScore, 10.0).mean, 3.0);
  EXPECT_TRUE(group.at(Figure::kQdScore, 10.0).has_interval());
}

TEST(RunComparisonTest, SharesAreOfWhatTheySay) {
  Moment moment;
  moment.proposals = 10;
  const auto set = [&](Outcome outcome, std::uint64_t count) {
    moment.outcomes[static_cast<std::size_t>(outcome)] = count;
  };
  set(Outcome::kNoDiff, 2);
  set(Outcome::kUnchanged, 1);
  set(Outcome::kDuplicate, 1);
  set(Outcome::kRuntimeError, 2);
  set(Outcome::kRejected, 3);
  set(Outcome::kAccepted, 1);
  EXPECT_DOUBLE_EQ(moment.valid_share(), 0.8);
  EXPECT_DOUBLE_EQ(moment.changed_share(), 0.7);
  EXPECT_DOUBLE_EQ(moment.runnable_share(), 4.0 / 6.0);
  EXPECT_DOUBLE_EQ(moment.accepted_share(), 0.1);
  EXPECT_DOUBLE_EQ(Moment{}.valid_share(), 0.0);
}

}  // namespace
}  // namespace samara
