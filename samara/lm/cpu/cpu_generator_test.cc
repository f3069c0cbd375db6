#include "samara/lm/cpu/cpu_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "samara/lm/cpu/internal/model_parts.h"
#include "samara/lm/cpu/internal/test_models.h"
#include "samara/lm/processor.h"

namespace samara::lm {
namespace {

using cpu::testing::Reference;
using cpu::testing::Shape;

struct TestModel {
  ModelConfig config;
  Tensors tensors;
};

TestModel make_model(const Shape& shape, std::uint64_t seed, std::uint32_t max_positions = 512) {
  TestModel model{cpu::testing::config_of(shape, max_positions), {}};
  model.tensors = cpu::testing::make_tensors(model.config, seed);
  return model;
}

std::shared_ptr<const PackedModel> packed(const TestModel& model, DataType precision = DataType::kF32,
                                          std::size_t cache_bytes = PackedModel::kPrefixCacheBytes) {
  return PackedModel::make(model.config, model.tensors, precision, cache_bytes).value();
}

std::vector<DataType> precisions() {
  std::vector<DataType> found = {DataType::kF32};
  if (cpu_has_bf16()) found.push_back(DataType::kBF16);
  return found;
}

constexpr Shape kSmall = {64, 64, 96, 2, 4, 1, 16};

/// Requests with shared prompts, shared prefixes, prefixes that are alike at the beginning, and none of
/// these; they own their prompts.
struct Workload {
  std::vector<Tokens> prompts;
  std::vector<GenerationRequest> requests;
};

Workload make_workload(std::uint64_t seed, std::uint32_t vocab, std::size_t count) {
  Rng rng(seed);
  Workload work;
  std::vector<Tokens> programs;
  for (int i = 0; i < 3; ++i) programs.push_back(cpu::testing::random_tokens(rng, 20 + 55 * i, vocab));
  work.prompts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Tokens prompt;
    std::size_t reusable = 0;
    if (i % 4 != 0) {
      prompt = programs[rng.below(3)];
      reusable = prompt.size();
      if (i % 8 == 7) reusable = prompt.size() / 2;
      if (i % 5 == 2) prompt[prompt.size() * 3 / 4] = static_cast<TokenId>(i) % vocab;  // a relative
    }
    if (i % 4 != 1) {
      for (const TokenId token : cpu::testing::random_tokens(rng, 1 + rng.below(6), vocab))
        prompt.push_back(token);
    }
    work.prompts.push_back(prompt);
    GenerationRequest request;
    request.prompt = work.prompts.back();
    request.reusable_prefix = reusable;
    request.sampling = {.temperature = i % 3 == 0 ? 0.7F : 1.0F,
                        .top_p = i % 5 == 0 ? 0.9F : 1.0F,
                        .top_k = i % 7 == 0 ? 20U : 0U,
                        .max_tokens = rng.below(40)};
    static constexpr TokenId kStops[] = {1, 2};
    request.stop_tokens = kStops;
    request.rng = Rng(seed, 1, static_cast<std::uint32_t>(i), Stream::kMutate);
    work.requests.push_back(request);
  }
  return work;
}

bool same(const Generation& a, const Generation& b) {
  return a.tokens == b.tokens && a.finish == b.finish && a.log_probability == b.log_probability;
}

/// Hands out a workload a few requests at a time.
class Trickle final : public RequestSource {
 public:
  Trickle(const std::vector<GenerationRequest>& requests, std::uint64_t seed)
      : ended(requests.size()), requests_(requests), rng_(seed) {}

  std::vector<GenerationRequest> take(std::size_t room) override {
    EXPECT_GT(room, 0u);
    const std::size_t left = requests_.size() - taken_;
    // Nothing now and then, while there is something under way.
    std::size_t count = std::min<std::size_t>(left, rng_.below(static_cast<std::uint32_t>(room) + 2));
    if (under_way_ == 0) count = std::max(count, std::min<std::size_t>(left, 1));
    const auto from = requests_.begin() + static_cast<std::ptrdiff_t>(taken_);
    taken_ += count;
    under_way_ += count;
    most_under_way = std::max(most_under_way, under_way_);
    return {from, from + static_cast<std::ptrdiff_t>(count)};
  }
  void end(std::size_t number, Result<Generation> generation) override {
    --under_way_;
    ASSERT_FALSE(ended.at(number).has_value());
    ended[number] = std::move(generation);
  }

  std::vector<std::optional<Result<Generation>>> ended;
  std::size_t most_under_way = 0;

 private:
  const std::vector<GenerationRequest>& requests_;
  Rng rng_;
  std::size_t taken_ = 0, under_way_ = 0;
};

TEST(CpuGeneratorTest, RequestsThatComeInTheMiddleYieldTheSame) {
  const auto model = packed(make_model(kSmall, 5));
  const Workload work = make_workload(6, kSmall.vocab, 80);
  const auto expected = make_cpu_generator(model).value()->generate(work.requests).value();
  std::vector<GenerationRequest> requests = work.requests;
  requests.insert(requests.begin() + 40, GenerationRequest{});  // without a prompt
  for (const std::size_t slots : {1u, 3u, 48u}) {
    const auto generator = make_cpu_generator(model, {.slots = slots}).value();
    for (int round = 0; round < 2; ++round) {
      Trickle trickle(requests, slots);
      generator->serve(trickle);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        ASSERT_TRUE(trickle.ended[i].has_value()) << i;
        if (i == 40) {
          EXPECT_EQ(trickle.ended[i]->error().code, ErrorCode::kInvalidArgument);
        } else {
          ASSERT_TRUE(trickle.ended[i]->ok()) << i;
          EXPECT_TRUE(same(**trickle.ended[i], expected[i < 40 ? i : i - 1])) << i;
        }
      }
      EXPECT_TRUE(slots == 1 || trickle.most_under_way > 1);
    }
  }
}

TEST(CpuGeneratorTest, GreedyCompletionsAreThoseOfTheReference) {
  std::uint64_t seed = 10;
  for (const Shape& shape : cpu::testing::test_shapes()) {
    const TestModel model = make_model(shape, ++seed);
    const auto generator = make_cpu_generator(packed(model)).value();
    Rng rng(seed);
    Tokens tokens = cpu::testing::random_tokens(rng, 20, shape.vocab);
    const Tokens prompt = tokens;
    GenerationRequest request{.prompt = prompt, .sampling = {.temperature = 0.0F, .max_tokens = 12}};
    const Generation ours = generator->generate({&request, 1}).value().front();
    double log_probability = 0.0;
    for (int i = 0; i < 12; ++i) {
      const auto logits = Reference(model.config, model.tensors).logits(tokens).back();
      const auto best = std::max_element(logits.begin(), logits.end());
      double total = 0.0;
      for (const double logit : logits) total += std::exp(logit - *best);
      log_probability -= std::log(total);
      tokens.push_back(static_cast<TokenId>(best - logits.begin()));
    }
    EXPECT_EQ(ours.tokens, Tokens(tokens.begin() + 20, tokens.end())) << "seed " << seed;
    EXPECT_EQ(ours.finish, FinishReason::kLength);
    EXPECT_NEAR(ours.log_probability, log_probability, 1e-4);
  }
}

TEST(CpuGeneratorTest, WhatARequestYieldsDoesNotDependOnItsCompany) {
  for (const DataType precision : precisions()) {
    for (const Shape& shape : {cpu::testing::test_shapes()[0], cpu::testing::test_shapes()[1]}) {
      const TestModel model = make_model(shape, 3);
      const Workload work = make_workload(4, shape.vocab, 60);
      // Alone, each with a new engine, and nothing kept.
      const auto forgetful = packed(model, precision, 0);
      std::vector<Generation> alone;
      for (const GenerationRequest& request : work.requests) {
        const auto generator = make_cpu_generator(forgetful, {.slots = 1}).value();
        alone.push_back(generator->generate({&request, 1}).value().front());
      }
      EXPECT_TRUE(std::any_of(alone.begin(), alone.end(),
                              [](const Generation& g) { return g.finish == FinishReason::kStop; }));
      Rng rng(5);
      const std::size_t enough = PackedModel::kPrefixCacheBytes;
      for (const auto& [slots, cache_bytes] : std::vector<std::pair<std::size_t, std::size_t>>{
               {48, enough}, {3, enough}, {200, enough}, {7, 60'000}}) {
        const auto generator =
            make_cpu_generator(packed(model, precision, cache_bytes), {.slots = slots}).value();
        for (int round = 0; round < 3; ++round) {  // the later ones find prefixes in the cache
          std::vector<std::size_t> order(work.requests.size());
          std::iota(order.begin(), order.end(), std::size_t{0});
          rng.shuffle(std::span(order));
          order.resize(order.size() - rng.below(10));
          std::vector<GenerationRequest> requests;
          for (const std::size_t i : order) requests.push_back(work.requests[i]);
          const auto together = generator->generate(requests).value();
          ASSERT_EQ(together.size(), requests.size());
          for (std::size_t i = 0; i < order.size(); ++i) {
            ASSERT_TRUE(same(together[i], alone[order[i]])) << "request " << order[i];
          }
        }
      }
    }
  }
}

TEST(CpuGeneratorTest, EnginesOfSeveralThreadsShareAModelAndAgree) {
  const TestModel shared = make_model(kSmall, 3);
  const Workload work = make_workload(4, kSmall.vocab, 40);
  const auto expected =
      make_cpu_generator(packed(shared, precisions().back())).value()->generate(work.requests).value();
  // What one has read another finds; in little room much of it leaves while others use it.
  const std::size_t page_bytes = packed(shared, precisions().back())->parts().page_bytes();
  for (const std::size_t cache_bytes : {PackedModel::kPrefixCacheBytes, 5 * page_bytes}) {
    const auto model = packed(shared, precisions().back(), cache_bytes);
    std::vector<std::vector<Generation>> found(4);
    std::vector<std::thread> threads;
    for (auto& generations : found) {
      threads.emplace_back([&] {
        const auto generator = make_cpu_generator(model, {.slots = 5}).value();
        for (int round = 0; round < 3; ++round) {
          const std::vector<Generation> made = generator->generate(work.requests).value();
          generations.insert(generations.end(), made.begin(), made.end());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& generations : found) {
      for (std::size_t i = 0; i < generations.size(); ++i) {
        ASSERT_TRUE(same(generations[i], expected[i % expected.size()]));
      }
    }
  }
}

TEST(CpuGeneratorTest, FirstTokensFollowTheModelsDistribution) {
  const TestModel model = make_model({20, 32, 40, 1, 2, 1, 16}, 6);
  const auto generator = make_cpu_generator(packed(model)).value();
  const Tokens prompt = {3, 1, 4, 1, 5};
  constexpr std::size_t kDraws = 5000;
  std::vector<GenerationRequest> requests;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    requests.push_back(
        {.prompt = prompt, .sampling = {.max_tokens = 2}, .rng = Rng(7, 0, i, Stream::kMutate)});
  }
  const auto generations = generator->generate(requests).value();
  // Over pairs of tokens: the second is drawn from a model that has read the first.
  const Reference reference(model.config, model.tensors);
  const auto softmax = [&](const Tokens& tokens) {
    auto p = reference.logits(tokens).back();
    double total = 0.0;
    for (double& value : p) total += value = std::exp(value);
    for (double& value : p) value /= total;
    return p;
  };
  std::vector<std::size_t> counts(400);
  for (const Generation& generation : generations) ++counts[generation.tokens[0] * 20 + generation.tokens[1]];
  const auto first = softmax(prompt);
  double chi = 0.0, cells = 0.0, rest = 0.0, rest_count = 0.0;
  for (TokenId a = 0; a < 20; ++a) {
    Tokens longer = prompt;
    longer.push_back(a);
    const auto second = softmax(longer);
    for (TokenId b = 0; b < 20; ++b) {
      const double wanted = first[a] * second[b] * kDraws, count = static_cast<double>(counts[a * 20 + b]);
      if (wanted < 5.0) {
        rest += wanted;
        rest_count += count;
      } else {
        chi += (count - wanted) * (count - wanted) / wanted;
        cells += 1.0;
      }
    }
  }
  chi += (rest_count - rest) * (rest_count - rest) / rest;
  EXPECT_GT(cells, 50.0);
  EXPECT_LT((chi - cells) / std::sqrt(2.0 * cells), 5.0);
}

/// Lets through what a script of steps says: at each step a set of tokens, or one that is forced.
class ScriptFilter : public TokenFilter {
 public:
  struct Step {
    std::optional<TokenId> forced;
    std::vector<TokenId> allowed;  ///< empty: any
  };
  explicit ScriptFilter(std::vector<Step> steps) : steps_(std::move(steps)) {}
  bool allows(TokenId token) const override {
    if (accepted.size() >= steps_.size()) return false;
    const Step& step = steps_[accepted.size()];
    if (step.forced) return token == *step.forced;
    return step.allowed.empty() ||
           std::find(step.allowed.begin(), step.allowed.end(), token) != step.allowed.end();
  }
  void accept(TokenId token) override { accepted.push_back(token); }
  std::optional<TokenId> forced() const override {
    return accepted.size() < steps_.size() ? steps_[accepted.size()].forced : std::nullopt;
  }
  Tokens accepted;

 private:
  std::vector<Step> steps_;
};

double log_probability_of(const TestModel& model, const Tokens& prompt, const Tokens& completion) {
  Tokens all = prompt;
  all.insert(all.end(), completion.begin(), completion.end());
  const auto logits = Reference(model.config, model.tensors).logits(all);
  double sum = 0.0;
  for (std::size_t i = 0; i < completion.size(); ++i) {
    const auto& row = logits[prompt.size() - 1 + i];
    double total = 0.0;
    for (const double logit : row) total += std::exp(logit);
    sum += row[completion[i]] - std::log(total);
  }
  return sum;
}

TEST(CpuGeneratorTest, ForcedTokensComeWithoutSamplingAndCountInTheLogProbability) {
  const TestModel model = make_model(kSmall, 8);
  const auto generator = make_cpu_generator(packed(model)).value();
  const Tokens prompt = {9, 8, 7};
  for (const std::vector<ScriptFilter::Step>& script : std::vector<std::vector<ScriptFilter::Step>>{
           {{5, {}}, {6, {}}, {{}, {}}, {7, {}}, {8, {}}, {9, {}}, {{}, {10, 11}}, {12, {}}},
           {{{}, {}}, {{}, {}}, {3, {}}, {{}, {}}, {{}, {1, 2, 3}}},
           std::vector<ScriptFilter::Step>(300, {4, {}}),
       }) {
    ScriptFilter filter(script);
    GenerationRequest request{
        .prompt = prompt, .sampling = {.max_tokens = 400}, .rng = Rng(1), .filter = &filter};
    const Generation generation = generator->generate({&request, 1}).value().front();
    ASSERT_EQ(generation.tokens.size(), script.size());
    EXPECT_EQ(generation.tokens, filter.accepted);
    EXPECT_EQ(generation.finish, FinishReason::kStuck);
    for (std::size_t i = 0; i < script.size(); ++i) {
      EXPECT_EQ(generation.tokens[i], script[i].forced.value_or(generation.tokens[i]));
    }
    EXPECT_NEAR(generation.log_probability, log_probability_of(model, prompt, generation.tokens),
                1e-5 * static_cast<double>(script.size()));
  }
}

TEST(CpuGeneratorTest, ForcingATokenIsTheSameAsAllowingNothingElse) {
  const TestModel model = make_model(kSmall, 8);
  const Tokens prompt = {9, 8, 7};
  const auto complete = [&](bool forcing, std::size_t slots) {
    std::vector<ScriptFilter> filters;
    std::vector<GenerationRequest> requests;
    for (std::uint32_t r = 0; r < 10; ++r) {
      std::vector<ScriptFilter::Step> script;
      for (TokenId i = 0; i < 30; ++i) {
        script.push_back((i + r) % 3 == 0 ? ScriptFilter::Step{}
                         : forcing        ? ScriptFilter::Step{i, {}}
                                          : ScriptFilter::Step{{}, {i}});
      }
      filters.emplace_back(script);
    }
    // Greedy, because only sampling takes random numbers.
    for (ScriptFilter& filter : filters) {
      requests.push_back(
          {.prompt = prompt, .sampling = {.temperature = 0.0F, .max_tokens = 25}, .filter = &filter});
    }
    return make_cpu_generator(packed(model), {.slots = slots}).value()->generate(requests).value();
  };
  const auto forced = complete(true, 48), allowed = complete(false, 3);
  for (std::size_t i = 0; i < forced.size(); ++i) EXPECT_TRUE(same(forced[i], allowed[i])) << i;
}

TEST(CpuGeneratorTest, ACompletionEndsWithItsStopTokenSampledOrForced) {
  const TestModel model = make_model(kSmall, 8);
  const auto generator = make_cpu_generator(packed(model)).value();
  const Tokens prompt = {9, 8, 7};
  const TokenId stops[] = {30, 31};
  std::vector<GenerationRequest> requests;
  for (std::uint32_t i = 0; i < 50; ++i) {
    requests.push_back({.prompt = prompt,
                        .sampling = {.max_tokens = 100},
                        .stop_tokens = stops,
                        .rng = Rng(1, 0, i, Stream::kMutate)});
  }
  std::size_t stopped = 0;
  const auto generations = generator->generate(requests).value();
  for (const Generation& generation : generations) {
    const auto is_stop = [&](TokenId token) { return token == 30 || token == 31; };
    const auto first = std::find_if(generation.tokens.begin(), generation.tokens.end(), is_stop);
    if (generation.finish == FinishReason::kStop) {
      ++stopped;
      EXPECT_EQ(first, generation.tokens.end() - 1);
    } else {
      EXPECT_EQ(generation.finish, FinishReason::kLength);
      EXPECT_EQ(first, generation.tokens.end());
      EXPECT_EQ(generation.tokens.size(), 100U);
    }
  }
  EXPECT_GT(stopped, 0U);
  ScriptFilter filter({{5, {}}, {30, {}}, {6, {}}});
  requests[0].filter = &filter;
  const Generation forced = generator->generate({requests.data(), 1}).value().front();
  EXPECT_EQ(forced.tokens, (Tokens{5, 30}));
  EXPECT_EQ(forced.finish, FinishReason::kStop);
  EXPECT_NEAR(forced.log_probability, log_probability_of(model, prompt, forced.tokens), 1e-5);
}

TEST(CpuGeneratorTest, TheContextIsUsedToItsLastPosition) {
  const TestModel model = make_model(kSmall, 8, 100);
  const auto generator = make_cpu_generator(packed(model)).value();
  Rng rng(1);
  for (const std::size_t length : {1, 63, 64, 98, 99}) {
    const Tokens prompt = cpu::testing::random_tokens(rng, length, kSmall.vocab);
    GenerationRequest request{.prompt = prompt, .reusable_prefix = length, .sampling = {.max_tokens = 1000}};
    const Generation generation = generator->generate({&request, 1}).value().front();
    EXPECT_EQ(generation.tokens.size(), 100 - length);
    EXPECT_EQ(generation.finish, FinishReason::kLength);
    EXPECT_NEAR(generation.log_probability, log_probability_of(model, prompt, generation.tokens), 1e-3);
  }
}

TEST(CpuGeneratorTest, NoTokensWantedIsNoTokens) {
  const auto generator = make_cpu_generator(packed(make_model(kSmall, 8))).value();
  const Tokens prompt = {1};
  GenerationRequest request{.prompt = prompt, .sampling = {.max_tokens = 0}};
  const Generation generation = generator->generate({&request, 1}).value().front();
  EXPECT_TRUE(generation.tokens.empty());
  EXPECT_EQ(generation.finish, FinishReason::kLength);
  EXPECT_TRUE(generator->generate({}).value().empty());
}

TEST(CpuGeneratorTest, RequestsThatCannotBeCompletedAreRefusedWithTheirNumber) {
  const auto generator = make_cpu_generator(packed(make_model(kSmall, 8, 50))).value();
  const Tokens good = {1, 2}, unknown = {1, 64}, full(50, 1);
  const auto refused = [&](const GenerationRequest& request) {
    const GenerationRequest requests[] = {{.prompt = good}, request};
    const auto result = generator->generate(requests);
    if (result.ok()) return std::string("accepted");
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(result.error().message.find("request 1"), std::string::npos);
    return result.error().message;
  };
  EXPECT_NE(refused({}).find("empty"), std::string::npos);
  EXPECT_NE(refused({.prompt = unknown}).find("token 64"), std::string::npos);
  EXPECT_NE(refused({.prompt = full}).find("context 50"), std::string::npos);
  EXPECT_NE(refused({.prompt = good, .sampling = {.temperature = -1.0F}}).find("temperature"),
            std::string::npos);
  EXPECT_NE(refused({.prompt = good, .sampling = {.temperature = NAN}}).find("temperature"),
            std::string::npos);
  EXPECT_NE(refused({.prompt = good, .sampling = {.top_p = 1.5F}}).find("top-p"), std::string::npos);
  EXPECT_EQ(refused({.prompt = good, .sampling = {.max_tokens = 1}}), "accepted");
}

TEST(CpuGeneratorTest, WideModelsAreSampledInSmallerPassesAndYieldTheSame) {
  const Shape wide = {64, 2, 450'000, 1, 1, 1, 2};
  const TestModel model = make_model(wide, 3, 64);
  for (const DataType precision : precisions()) {
    const auto packed_model = packed(model, precision);
    EXPECT_EQ(packed_model->parts().max_rows, 48u);  // instead of 128
    Rng rng(4);
    std::vector<Tokens> prompts;
    std::vector<GenerationRequest> requests;
    for (std::size_t i = 0; i < 52; ++i) prompts.push_back(cpu::testing::random_tokens(rng, 1 + i % 3, 64));
    for (std::uint32_t i = 0; i < prompts.size(); ++i) {
      GenerationRequest request{.prompt = prompts[i], .sampling = {.max_tokens = 1 + i % 2}};
      request.rng = Rng(5, 1, i, Stream::kMutate);
      requests.push_back(request);
    }
    const auto together = make_cpu_generator(packed_model, {.slots = 64}).value()->generate(requests).value();
    const auto some = make_cpu_generator(packed_model, {.slots = 7}).value()->generate(requests).value();
    for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_TRUE(same(together[i], some[i])) << i;
  }
}

TEST(CpuGeneratorTest, ModelsTooWideForTheBuffersOfAPassAreRefusedWithTheSizeNeeded) {
  for (const Shape& shape : {Shape{1U << 24, 1, 2, 1, 1, 1, 2}, Shape{8, 1, 1U << 24, 1, 1, 1, 2},
                             Shape{8, 1, 2, 1, 1U << 22, 1, 2}}) {
    // Before the weights are looked at.
    const auto refused = PackedModel::make(cpu::testing::config_of(shape, 8), {}, DataType::kF32);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(refused.error().message.find("16 tokens at a time"), std::string::npos);
    EXPECT_NE(refused.error().message.find("at most 256 are"), std::string::npos) << refused.error().message;
  }
}

TEST(CpuGeneratorTest, NoSlotsAndUnknownPrecisionsAreRefused) {
  const TestModel model = make_model(kSmall, 8);
  EXPECT_EQ(make_cpu_generator(packed(model), {.slots = 0}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(PackedModel::make(model.config, model.tensors, DataType::kF16).error().code,
            ErrorCode::kUnsupported);
  if (!cpu_has_bf16()) {
    EXPECT_EQ(PackedModel::make(model.config, model.tensors, DataType::kBF16).error().code,
              ErrorCode::kUnsupported);
  }
}

}  // namespace
}  // namespace samara::lm
