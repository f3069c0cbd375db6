#include "samara/bugfix/summary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace samara::bugfix {
namespace {

// The interval holds exactly the shares p whose score test at 5% does not reject what was seen.
TEST(WilsonIntervalTest, EndsAreWhereTheScoreTestBeginsToReject) {
  for (const std::uint64_t trials : {7U, 100U, 100'000U}) {
    for (const double part : {0.1, 0.3, 0.5, 0.9}) {
      const auto successes = static_cast<std::uint64_t>(part * static_cast<double>(trials));
      const double seen = static_cast<double>(successes) / static_cast<double>(trials);
      const Interval interval = wilson_interval(successes, trials);
      for (const double p : {interval.low, interval.high}) {
        if (p == 0.0) continue;
        const double score = (seen - p) / std::sqrt(p * (1.0 - p) / static_cast<double>(trials));
        EXPECT_NEAR(std::fabs(score), 1.959964, 1e-4) << successes << " of " << trials;
      }
      EXPECT_LE(interval.low, seen);
      EXPECT_GE(interval.high, seen);
    }
  }
}

TEST(WilsonIntervalTest, EdgesAreClosed) {
  EXPECT_EQ(wilson_interval(0, 1000).low, 0.0);
  EXPECT_GT(wilson_interval(0, 1000).high, 0.003);  // about 3.84 / (n + 3.84)
  EXPECT_LT(wilson_interval(0, 1000).high, 0.004);
  EXPECT_EQ(wilson_interval(50, 50).high, 1.0);
  EXPECT_EQ(wilson_interval(0, 0).low, 0.0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1.0);
}

TEST(BootstrapIntervalTest, IsNearTheNormalIntervalOfTheMean) {
  Rng rng(7);
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(rng.uniform());
  double mean = 0.0;
  for (const double value : values) mean += value / 200.0;
  double variance = 0.0;
  for (const double value : values) variance += (value - mean) * (value - mean) / 200.0;
  const double half = 1.96 * std::sqrt(variance / 200.0);
  const Interval interval = bootstrap_interval(values, Rng(1));
  EXPECT_NEAR(interval.low, mean - half, 0.1 * half);
  EXPECT_NEAR(interval.high, mean + half, 0.1 * half);
}

TEST(BootstrapIntervalTest, EqualValuesLeaveNoDoubt) {
  const std::vector<double> values(5, 0.25);
  EXPECT_EQ(bootstrap_interval(values, Rng(1)).low, 0.25);
  EXPECT_EQ(bootstrap_interval(values, Rng(1)).high, 0.25);
}

TEST(SummarizeTest, TasksCountEquallyWhateverTheirTrials) {
  std::vector<Task> tasks(3);
  tasks[0].group = tasks[1].group = "family";
  tasks[2].group = "single";
  const auto cell = [](std::size_t task, std::uint64_t trials, std::uint64_t solved) {
    return Cell{task, 0, 1, trials, {trials, trials, trials, trials / 2, solved}};
  };
  const std::vector<Cell> cells{cell(0, 1000, 100), cell(1, 10, 5), cell(2, 100, 50)};
  const std::vector<GroupSummary> summaries = summarize(tasks, cells, 1);
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].group, "family");
  EXPECT_EQ(summaries[0].tasks, 2U);
  EXPECT_DOUBLE_EQ(summaries[0].success, 0.3);
  EXPECT_DOUBLE_EQ(summaries[0].runnable, 0.5);
  EXPECT_EQ(summaries[0].solved, 2U);
  EXPECT_GE(summaries[0].interval.low, 0.1);
  EXPECT_LE(summaries[0].interval.high, 0.5);
  EXPECT_DOUBLE_EQ(summaries[1].interval.low, wilson_interval(50, 100).low);
}

TEST(SummarizeTest, NoSuccessAtAllLeavesTheDoubtOfItsTrials) {
  std::vector<Task> tasks(2);
  tasks[0].group = tasks[1].group = "family";
  const std::vector<Cell> cells{Cell{0, 0, 1, 30, {30, 30, 30, 30, 0}},
                                Cell{1, 0, 1, 30, {30, 30, 30, 30, 0}}};
  const std::vector<GroupSummary> summaries = summarize(tasks, cells, 1);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].interval.low, 0.0);
  EXPECT_DOUBLE_EQ(summaries[0].interval.high, wilson_interval(0, 60).high);
}

TEST(SummarizeTest, CellsWithoutTrialsAreLeftOut) {
  std::vector<Task> tasks(2);
  tasks[0].group = tasks[1].group = "family";
  const std::vector<Cell> cells{Cell{0, 0, 1, 10, {10, 10, 10, 10, 1}}, Cell{1, 0, 1, 10, {}}};
  const std::vector<GroupSummary> summaries = summarize(tasks, cells, 1);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].tasks, 1U);
  EXPECT_DOUBLE_EQ(summaries[0].success, 0.1);
}

}  // namespace
}  // namespace samara::bugfix
