#include "samara/lm/cpu/internal/token_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>

namespace samara::lm::cpu {
namespace {

/// Allows what a predicate says; counts questions.
class PredicateFilter : public TokenFilter {
 public:
  explicit PredicateFilter(std::function<bool(TokenId)> allowed) : allowed_(std::move(allowed)) {}
  bool allows(TokenId token) const override {
    ++questions;
    return allowed_(token);
  }
  void accept(TokenId) override {}
  mutable std::size_t questions = 0;

 private:
  std::function<bool(TokenId)> allowed_;
};

std::vector<float> random_logits(Rng& rng, std::size_t n, double deviation) {
  std::vector<float> logits(n);
  for (float& logit : logits) logit = static_cast<float>(deviation * rng.normal());
  return logits;
}

/// The probabilities that generator.h promises, by brute force.
std::vector<double> expected(const std::vector<float>& logits, const SamplingOptions& options,
                             const std::function<bool(TokenId)>& allowed) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p(logits.size());
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = std::exp((logits[i] - most) / options.temperature);
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  std::vector<TokenId> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](TokenId a, TokenId b) { return logits[a] > logits[b]; });
  std::set<TokenId> kept;
  double mass = 0.0;
  for (const TokenId token : order) {
    if (options.top_k > 0 && kept.size() == options.top_k) break;
    if (options.top_p < 1.0F && !kept.empty() && mass >= static_cast<double>(options.top_p) * total) break;
    kept.insert(token);
    mass += p[token];
  }
  const bool any = std::any_of(kept.begin(), kept.end(), allowed);
  std::vector<double> result(p.size());
  double sum = 0.0;
  for (TokenId i = 0; i < p.size(); ++i) {
    if (allowed(i) && (!any || kept.contains(i))) sum += result[i] = p[i];
  }
  for (double& value : result) value /= sum;
  return result;
}

/// Chi-square over the tokens that are expected at least 5 times (the others pooled), in standard deviations
/// above its mean; a token that cannot come fails at once.
double surprise(const std::vector<double>& probabilities, const std::vector<std::size_t>& counts) {
  const double draws = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  double chi = 0.0, freedom = -1.0, rest = 0.0, rest_count = 0.0;
  const auto add = [&](double wanted, double count) {
    chi += (count - wanted) * (count - wanted) / wanted;
    freedom += 1.0;
  };
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double wanted = probabilities[i] * draws, count = static_cast<double>(counts[i]);
    if (wanted == 0.0 && count > 0.0) return 1e9;
    if (wanted >= 5.0) {
      add(wanted, count);
    } else {
      rest += wanted;
      rest_count += count;
    }
  }
  if (rest >= 5.0) add(rest, rest_count);
  return freedom <= 0.0 ? 0.0 : (chi - freedom) / std::sqrt(2.0 * freedom);
}

class TokenSamplerTest : public ::testing::Test {
 protected:
  const Kernels& kernels_ = *find_kernels(DataType::kF32);

  std::vector<std::size_t> draw(const std::vector<float>& logits, const SamplingOptions& options,
                                const TokenFilter* filter, std::size_t draws) {
    TokenSampler sampler(kernels_, logits.size());
    std::vector<std::size_t> counts(logits.size());
    for (std::size_t i = 0; i < draws; ++i) {
      sampler.read(logits.data());
      ++counts[sampler.choose(options, filter, rng_).value()];
    }
    return counts;
  }
  Rng rng_{42};
};

TEST_F(TokenSamplerTest, DrawsFollowTheDistributionUnderAnyOptionsAndFilter) {
  const auto all = [](TokenId) { return true; };
  const auto few = [](TokenId token) { return token % 7 == 3; };   // found by the full mask, often
  const auto most = [](TokenId token) { return token % 5 != 1; };  // found by rejection
  const auto one = [](TokenId token) { return token == 11; };
  Rng rng(1);
  for (const std::size_t n : {5, 16, 45, 100}) {
    const std::vector<float> logits = random_logits(rng, n, 2.0);
    for (const SamplingOptions& options : {SamplingOptions{},
                                           {.temperature = 0.5F},
                                           {.temperature = 2.0F},
                                           {.top_p = 0.8F},
                                           {.top_k = 3},
                                           {.temperature = 1.5F, .top_p = 0.6F},
                                           {.top_p = 0.9F, .top_k = 4},
                                           {.top_p = 0.0F},
                                           {.top_k = 1000}}) {
      for (const auto& allowed : {std::function<bool(TokenId)>(all), std::function<bool(TokenId)>(few),
                                  std::function<bool(TokenId)>(most), std::function<bool(TokenId)>(one)}) {
        bool possible = false;
        for (TokenId i = 0; i < n; ++i) possible = possible || allowed(i);
        if (!possible) continue;
        const PredicateFilter filter(allowed);
        EXPECT_LT(surprise(expected(logits, options, allowed), draw(logits, options, &filter, 4000)), 5.0)
            << n << " T " << options.temperature << " p " << options.top_p << " k " << options.top_k;
      }
    }
  }
}

TEST_F(TokenSamplerTest, EqualLogitsAreKeptByLowestId) {
  const std::vector<float> logits(20, 1.0F);
  const auto counts = draw(logits, {.top_k = 3}, nullptr, 200);
  EXPECT_EQ(counts[0] + counts[1] + counts[2], 200U);
  EXPECT_EQ(draw(logits, {.temperature = 0.0F}, nullptr, 1)[0], 1U);
}

TEST_F(TokenSamplerTest, GreedyTakesTheMostProbableAllowedToken) {
  Rng rng(2);
  for (int round = 0; round < 50; ++round) {
    const std::vector<float> logits = random_logits(rng, 60, 1.0);
    const TokenId divisor = 1 + rng.below(40);
    const auto allowed = [&](TokenId token) { return token % divisor == 0; };
    TokenId best = 0;
    for (TokenId i = 0; i < logits.size(); ++i) {
      if (allowed(i) && logits[i] > logits[best]) best = i;
    }
    const PredicateFilter filter(allowed);
    EXPECT_EQ(draw(logits, {.temperature = 0.0F}, &filter, 1)[best], 1U) << "divisor " << divisor;
  }
}

TEST_F(TokenSamplerTest, AFilterThatAgreesIsAskedOnce) {
  Rng rng(3);
  const std::vector<float> logits = random_logits(rng, 500, 1.0);
  const PredicateFilter filter([](TokenId) { return true; });
  draw(logits, {}, &filter, 100);
  draw(logits, {.top_p = 0.9F}, &filter, 100);
  draw(logits, {.temperature = 0.0F}, &filter, 100);
  EXPECT_EQ(filter.questions, 300U);
}

TEST_F(TokenSamplerTest, NothingAllowedIsNothingChosen) {
  Rng rng(4);
  const std::vector<float> logits = random_logits(rng, 70, 1.0);
  const PredicateFilter filter([](TokenId) { return false; });
  TokenSampler sampler(kernels_, logits.size());
  for (const SamplingOptions& options :
       {SamplingOptions{}, {.temperature = 0.0F}, {.top_p = 0.5F}, {.top_k = 2}}) {
    sampler.read(logits.data());
    EXPECT_EQ(sampler.choose(options, &filter, rng), std::nullopt);
  }
}

TEST_F(TokenSamplerTest, TokensFarBelowTheLargestComeWhenOnlyTheyAreAllowed) {
  std::vector<float> logits(40, 0.0F);
  logits[0] = 1000.0F;
  logits[5] = std::log(3.0F);
  const auto allowed = [](TokenId token) { return token == 5 || token == 6; };
  const PredicateFilter filter(allowed);
  for (const SamplingOptions& options : {SamplingOptions{}, {.top_p = 0.5F}}) {
    const auto counts = draw(logits, options, &filter, 4000);
    EXPECT_NEAR(static_cast<double>(counts[5]) / 4000, 0.75, 0.04);
    EXPECT_EQ(counts[5] + counts[6], 4000U);
  }
}

TEST_F(TokenSamplerTest, LogitsThatAreNotNumbersChooseSomething) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const PredicateFilter odd([](TokenId token) { return token % 2 == 1; });
  TokenSampler sampler(kernels_, 20);
  for (const float bad : {nan, infinity, -infinity}) {
    for (const std::size_t count : {1, 20}) {
      std::vector<float> logits(20, 0.0F);
      std::fill(logits.begin(), logits.begin() + static_cast<std::ptrdiff_t>(count), bad);
      for (const float temperature : {0.0F, 1e-30F, 1.0F, 2.0F}) {
        sampler.read(logits.data());
        const auto free = sampler.choose({.temperature = temperature}, nullptr, rng_);
        ASSERT_TRUE(free.has_value());
        EXPECT_LT(*free, 20U);
        sampler.read(logits.data());
        const auto held = sampler.choose({.temperature = temperature}, &odd, rng_);
        ASSERT_TRUE(held.has_value());
        EXPECT_EQ(*held % 2, 1U) << *held;
      }
    }
  }
}

TEST_F(TokenSamplerTest, LogProbabilitiesAreThoseAtTemperatureOne) {
  Rng rng(5);
  const std::vector<float> logits = random_logits(rng, 333, 3.0);
  double total = 0.0;
  for (const float logit : logits) total += std::exp(static_cast<double>(logit));
  TokenSampler sampler(kernels_, logits.size());
  sampler.read(logits.data());
  for (TokenId i = 0; i < logits.size(); ++i) {
    EXPECT_NEAR(sampler.log_probability(i), logits[i] - std::log(total), 2e-6);
  }
}

}  // namespace
}  // namespace samara::lm::cpu
