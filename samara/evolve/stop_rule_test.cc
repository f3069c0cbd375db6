#include "samara/evolve/stop_rule.h"

#include <gtest/gtest.h>

#include "samara/archive/grid_map.h"

namespace samara {
namespace {

/// A rule and an archive with one niche, whose elite gets the given fitness, iteration by iteration.
class StopRuleTest : public testing::Test {
 protected:
  std::optional<EvolutionEnd> after(StopRule& rule, const std::vector<double>& fitnesses) {
    for (const double fitness : fitnesses) {
      Record record;
      record.program = ProgramId::of(fmt::format("{}", fitness));
      record.score = Score{fitness, {0.0}};
      archive_.insert(record, 1);
      rule.end_iteration(iteration_++, archive_);
    }
    return rule.end();
  }

  Archive archive_{std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", 0.0, 1.0}, 1}})};
  std::uint32_t iteration_ = 0;
};

StopOptions patience(std::uint32_t iterations, double gain = 0.0) {
  StopOptions options;
  options.patience = iterations;
  options.gain = gain;
  return options;
}

TEST_F(StopRuleTest, ByDefaultARunNeverStopsEarly) {
  StopRule rule({});
  EXPECT_FALSE(after(rule, std::vector<double>(100, 1.0)));
}

TEST_F(StopRuleTest, PatienceCountsIterationsSinceTheLastImprovement) {
  StopRule rule(patience(3));
  EXPECT_FALSE(after(rule, {1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(rule.reason(), "");
  EXPECT_EQ(after(rule, {2}), EvolutionEnd::kNoImprovement);
  EXPECT_NE(rule.reason().find("since iteration 3"), std::string::npos) << rule.reason();
}

TEST_F(StopRuleTest, SmallGainsThatAddUpCount) {
  StopRule creeping(patience(3, 0.1));
  EXPECT_FALSE(after(creeping, {100, 105, 111, 116, 123}));  // measured from the last improvement, 111 > 110
}

TEST_F(StopRuleTest, GainsBelowTheThresholdDoNotCount) {
  StopRule rule(patience(3, 0.1));
  EXPECT_EQ(after(rule, {100, 101, 102, 103}), EvolutionEnd::kNoImprovement);
}

TEST_F(StopRuleTest, NegativeFitnessImprovesTowardsZero) {
  StopOptions options = patience(2, 0.1);
  options.metric = StopOptions::Metric::kMaxFitness;
  StopRule rule(options);
  EXPECT_FALSE(after(rule, {-100, -80, -60, -50}));
  EXPECT_EQ(after(rule, {-49, -48}), EvolutionEnd::kNoImprovement);
}

TEST_F(StopRuleTest, TheTargetIsReachedWhenItIsMet) {
  StopOptions options;
  options.target_fitness = 5.0;
  StopRule rule(options);
  EXPECT_FALSE(after(rule, {1, 4.999}));
  EXPECT_EQ(after(rule, {5.0}), EvolutionEnd::kTargetReached);
  EXPECT_NE(rule.reason().find("target 5"), std::string::npos);
}

TEST_F(StopRuleTest, AnInfiniteTargetIsNeverReached) {
  StopOptions options;
  options.target_fitness = INFINITY;
  StopRule rule(options);
  EXPECT_FALSE(after(rule, {1, 1e300}));
}

}  // namespace
}  // namespace samara
