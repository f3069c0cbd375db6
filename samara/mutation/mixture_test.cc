#include "samara/mutation/mixture.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <vector>

namespace samara {
namespace {

const std::vector<ArmWeight> kArms{{"a", 6.0}, {"b", 3.0}, {"off", 0.0}, {"c", 1.0}};

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(ArmMixtureTest, BothStartAtTheWeights) {
  for (const ArmMixture& mixture : {ArmMixture::fixed(kArms), ArmMixture::adaptive(kArms)}) {
    ASSERT_EQ(mixture.size(), 4u);
    EXPECT_DOUBLE_EQ(mixture.probabilities()[0], 0.6);
    EXPECT_DOUBLE_EQ(mixture.probabilities()[1], 0.3);
    EXPECT_DOUBLE_EQ(mixture.probabilities()[3], 0.1);
  }
}

TEST(ArmMixtureTest, AFixedMixtureIgnoresWhatHappens) {
  ArmMixture mixture = ArmMixture::fixed(kArms);
  for (int i = 0; i < 100; ++i) mixture.update(3, true);
  EXPECT_DOUBLE_EQ(mixture.probabilities()[3], 0.1);
}

TEST(ArmMixtureTest, DrawsFollowTheProbabilities) {
  const ArmMixture mixture = ArmMixture::fixed(kArms);
  std::vector<int> counts(4, 0);
  Rng rng(1);
  for (int i = 0; i < 10000; ++i) ++counts[mixture.draw(rng)];
  EXPECT_NEAR(counts[0], 6000, 250);  // about five standard deviations
  EXPECT_NEAR(counts[1], 3000, 230);
  EXPECT_EQ(counts[2], 0);
  EXPECT_NEAR(counts[3], 1000, 150);
}

TEST(ArmMixtureTest, ProbabilitiesMatchTheFormula) {
  ArmMixture mixture = ArmMixture::adaptive(kArms, {.floor = 0.1, .decay = 0.5, .prior = 10.0});
  mixture.update(1, true);
  mixture.update(1, false);  // accepted 0.5 of 1.5, both decayed once
  const double rates[] = {0.6, (0.5 + 3.0) / 11.5, 0.0, 0.1};
  const double weights[] = {0.6, 0.3, 0.0, 0.1};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(mixture.probabilities()[i], 0.1 * weights[i] + 0.9 * rates[i] / sum(rates), 1e-15);
  }
}

TEST(ArmMixtureTest, ProgressPerCostDecides) {
  // As good as each other, but one costs ten times as much.
  const std::vector<ArmWeight> arms{{"cheap", 1.0, 1.0}, {"dear", 1.0, 10.0}};
  const AdaptiveOptions options{.floor = 0.2, .decay = 0.999, .prior = 20.0};
  ArmMixture mixture = ArmMixture::adaptive(arms, options);
  EXPECT_NEAR(mixture.probabilities()[0], 0.1 + 0.8 * 10.0 / 11.0, 1e-12);
  for (int i = 0; i < 3000; ++i) {
    mixture.update(0, i % 10 == 0);
    mixture.update(1, i % 10 == 0);
  }
  EXPECT_NEAR(mixture.probabilities()[0], 0.1 + 0.8 * 10.0 / 11.0, 0.02);
  // Twenty times as good is worth ten times the cost.
  for (int i = 0; i < 20000; ++i) {
    mixture.update(0, i % 40 == 0);
    mixture.update(1, i % 2 == 0);
  }
  EXPECT_GT(mixture.probabilities()[1], 0.55);
  EXPECT_NEAR(ArmMixture::fixed(arms).probabilities()[0], 0.5, 1e-15)
      << "fixed weights are what was asked for";
}

TEST(ArmMixtureTest, TheArmThatIsAcceptedMoreOftenTakesOver) {
  ArmMixture mixture = ArmMixture::adaptive(kArms);
  for (int i = 0; i < 3000; ++i) {
    mixture.update(0, i % 100 == 0);
    mixture.update(1, i % 100 == 0);
    mixture.update(3, i % 10 == 0);  // the arm with the smallest weight
  }
  EXPECT_GT(mixture.probabilities()[3], 0.5);
  EXPECT_GT(mixture.probabilities()[0], 0.2 * 0.6);
}

TEST(ArmMixtureTest, OldSuccessIsForgotten) {
  ArmMixture mixture = ArmMixture::adaptive(kArms);
  for (int i = 0; i < 2000; ++i) mixture.update(3, true);
  const double before = mixture.probabilities()[3];
  for (int i = 0; i < 10000; ++i) mixture.update(3, false);
  EXPECT_LT(mixture.probabilities()[3], before / 2);
}

RC_GTEST_PROP(ArmMixtureProperty, ProbabilitiesAddUpAndKeepTheirFloor,
              (std::vector<std::pair<std::uint8_t, bool>> log)) {
  ArmMixture mixture = ArmMixture::adaptive(kArms);
  for (const auto& [arm, accepted] : log) mixture.update(arm % kArms.size(), accepted);
  RC_ASSERT(std::abs(sum(mixture.probabilities()) - 1.0) < 1e-12);
  for (std::size_t i = 0; i < kArms.size(); ++i) {
    RC_ASSERT(mixture.probabilities()[i] >= 0.2 * kArms[i].weight / 10.0 - 1e-15);
  }
  RC_ASSERT(mixture.probabilities()[2] == 0.0);
}

RC_GTEST_PROP(ArmMixtureProperty, AFoldOverTheSameLogHasTheSameBits,
              (std::vector<std::pair<std::uint8_t, bool>> log)) {
  ArmMixture whole = ArmMixture::adaptive(kArms);
  for (const auto& [arm, accepted] : log) whole.update(arm % kArms.size(), accepted);
  // As a run that is resumed in the middle: the state is a value.
  ArmMixture first = ArmMixture::adaptive(kArms);
  const std::size_t half = log.size() / 2;
  for (std::size_t i = 0; i < half; ++i) first.update(log[i].first % kArms.size(), log[i].second);
  ArmMixture second = first;
  for (std::size_t i = half; i < log.size(); ++i) second.update(log[i].first % kArms.size(), log[i].second);
  for (std::size_t i = 0; i < whole.size(); ++i)
    RC_ASSERT(whole.probabilities()[i] == second.probabilities()[i]);
}

}  // namespace
}  // namespace samara
