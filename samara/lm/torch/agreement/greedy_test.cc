// The fast sampler against lm/torch, in fp32: what the one completes greedily, the other finds most probable
// after the same beginning, and both give it the same probability. Rounding differs between the engines, so
// that of two tokens as good as equally probable either may come.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/lm/cpu/cpu_generator.h"
#include "samara/lm/model.h"
#include "samara/lm/torch/gradients.h"

namespace samara::lm {
namespace {

/// Tokens whose logits differ by less may change places.
constexpr float kTie = 1e-3F;
/// Share of the positions that may be such ties.
constexpr double kMostTies = 0.01;
/// Of one token's log-probability, in nats.
constexpr double kLogProbability = 5e-5;

/// The row of the logits after the token at `position`.
std::span<const float> row_of(const Tensor& logits, std::size_t position) {
  const auto width = static_cast<std::size_t>(logits.shape[1]);
  return std::span(logits.values).subspan(position * width, width);
}

double log_probability(std::span<const float> row, TokenId token) {
  const double most = *std::max_element(row.begin(), row.end());
  double total = 0.0;
  for (const float logit : row) total += std::exp(logit - most);
  return row[token] - most - std::log(total);
}

/// The only token that may come is the one given.
class Only final : public TokenFilter {
 public:
  explicit Only(TokenId token) : token_(token) {}
  bool allows(TokenId token) const override { return token == token_; }
  void accept(TokenId) override {}
  std::optional<TokenId> forced() const override { return token_; }

 private:
  TokenId token_;
};

/// A model, and beginnings for it to complete.
struct Subject {
  Model model;
  std::vector<Tokens> prompts;
};

/// The bundled model with programs and messages of its own kind.
Subject trained() {
  Subject subject{load_model(std::filesystem::path(SAMARA_MODELS_DIR) / "diff").value(), {}};
  const std::vector<std::vector<std::string>> programs = {
      {"def area(a, b):", "    size = a + b", "    return size"},
      {"def mean(values):", "    total = 0", "    for value in values:", "        total += valeu",
       "    return total / len(values)"},
      {"def clamp(x, low, high):", "    if x < low:", "        return high",
       "    if x > high:", "        return high", "    return x"},
      {"import math", "", "def distance(p, q):", "    dx = p[0] - q[0]", "    dy = p[1] + q[1]",
       "    return math.sqrt(dx * dx + dy * dy)"},
  };
  for (const std::vector<std::string>& lines : programs) {
    for (const char* message :
         {"Fixed bugs.", "Changed parameters.", "Add a docstring.", "Rename variables."}) {
      std::string text = "<|file|>";
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string number = "<|line " + std::to_string(i + 1) + "|>";
        text += number + lines[i] + number;
      }
      text += std::string("<|message|>") + message + "<|diff|>";
      subject.prompts.push_back(subject.model.tokenizer.encode_with_specials(text));
    }
  }
  return subject;
}

/// Random weights, biases and gains among them.
Subject random(Architecture architecture, std::uint32_t heads, std::uint32_t kv_heads, bool tied, bool bias) {
  ModelConfig config;
  config.architecture = architecture;
  config.vocab_size = 96;
  config.hidden_size = 48;
  config.intermediate_size = 80;
  config.layers = 2;
  config.heads = heads;
  config.kv_heads = kv_heads;
  config.head_dim = 12;
  config.max_positions = 256;
  config.tie_embeddings = tied;
  config.qkv_bias = bias;
  Subject subject{{config, random_weights(config, 5), *Tokenizer::make("", {}, {})}, {}};
  Rng rng(6);
  for (auto& [name, tensor] : subject.model.tensors) {
    if (tied && name == "model.embed_tokens.weight") {  // else every token is followed by itself
      for (float& value : tensor.values) value *= 0.3F;
    }
    if (tensor.shape.size() > 1) continue;
    for (float& value : tensor.values) value += static_cast<float>(0.3 * rng.normal());
  }
  for (int i = 0; i < 16; ++i) {
    Tokens prompt(1 + rng.below(40));
    for (TokenId& token : prompt) token = rng.below(config.vocab_size);
    subject.prompts.push_back(std::move(prompt));
  }
  return subject;
}

struct Case {
  const char* name;
  Subject (*make)();
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class AgreementTest : public testing::TestWithParam<Case> {
 protected:
  AgreementTest() : subject_(GetParam().make()) {
    const Model& model = subject_.model;
    sampler_ =
        make_cpu_generator(PackedModel::make(model.config, model.tensors, DataType::kF32).value()).value();
  }

  Subject subject_;
  std::unique_ptr<Generator> sampler_;
};

TEST_P(AgreementTest, GreedyCompletionsAreTheMostProbableTokens) {
  std::vector<GenerationRequest> requests;
  for (const Tokens& prompt : subject_.prompts) {
    requests.push_back({.prompt = prompt, .sampling = {.temperature = 0.0F, .max_tokens = 100}});
  }
  const std::vector<Generation> completions = sampler_->generate(requests).value();
  std::size_t positions = 0, ties = 0;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    const Tokens& prompt = subject_.prompts[i];
    const Tokens& completion = completions[i].tokens;
    ASSERT_EQ(completion.size(), 100U);
    Tokens read = prompt;
    read.insert(read.end(), completion.begin(), completion.end() - 1);
    const auto torch = logits(subject_.model, read);
    ASSERT_TRUE(torch.ok()) << torch.error().message;
    double expected = 0.0;
    for (std::size_t t = 0; t < completion.size(); ++t, ++positions) {
      const std::span<const float> row = row_of(*torch, prompt.size() - 1 + t);
      const auto best = std::max_element(row.begin(), row.end());
      expected += log_probability(row, completion[t]);
      if (completion[t] == static_cast<TokenId>(best - row.begin())) continue;
      ++ties;
      ASSERT_LT(*best - row[completion[t]], kTie) << "completion " << i << ", token " << t;
    }
    EXPECT_NEAR(completions[i].log_probability, expected,
                kLogProbability * static_cast<double>(completion.size()))
        << "completion " << i;
  }
  EXPECT_EQ(positions, 1600U);
  EXPECT_LE(static_cast<double>(ties), kMostTies * static_cast<double>(positions));
}

TEST_P(AgreementTest, EveryTokenIsAsProbable) {
  const std::uint32_t vocabulary = subject_.model.config.vocab_size;
  std::vector<Only> filters;
  for (TokenId token = 0; token < vocabulary; ++token) filters.emplace_back(token);
  for (std::size_t i = 0; i < subject_.prompts.size(); i += 5) {
    const Tokens& prompt = subject_.prompts[i];
    std::vector<GenerationRequest> requests;
    for (Only& filter : filters) {
      requests.push_back({.prompt = prompt, .sampling = {.max_tokens = 1}, .filter = &filter});
    }
    const std::vector<Generation> generations = sampler_->generate(requests).value();
    const auto torch = logits(subject_.model, prompt);
    ASSERT_TRUE(torch.ok()) << torch.error().message;
    const std::span<const float> row = row_of(*torch, prompt.size() - 1);
    for (TokenId token = 0; token < vocabulary; ++token) {
      ASSERT_EQ(generations[token].tokens, Tokens{token});
      ASSERT_NEAR(generations[token].log_probability, log_probability(row, token), kLogProbability)
          << "prompt " << i << ", token " << token;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, AgreementTest,
    testing::Values(Case{"Bundled", trained},
                    Case{"GroupedUntiedWithBiases",
                         [] { return random(Architecture::kQwen2, 4, 2, false, true); }},
                    Case{"MultiQueryTied", [] { return random(Architecture::kLlama, 4, 1, true, false); }}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace samara::lm
