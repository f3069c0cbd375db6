// Logits and gradients against a second implementation: plain loops in double, derivatives by central
// differences.
#include "samara/lm/torch/gradients.h"

#include <gtest/gtest.h>

#include <cmath>

#include "samara/base/rng.h"
#include "samara/lm/processor.h"

namespace samara::lm {
namespace {

using Vector = std::vector<double>;
using Weights = std::map<std::string, Vector>;

Weights in_double(const Tensors& tensors) {
  Weights weights;
  for (const auto& [name, tensor] : tensors) weights[name] = {tensor.values.begin(), tensor.values.end()};
  return weights;
}

/// matrix (rows, x.size()) times x, plus the bias if there is one.
Vector times(const Vector& matrix, const Vector& x, const Vector* bias = nullptr) {
  Vector y(matrix.size() / x.size());
  for (std::size_t row = 0; row < y.size(); ++row) {
    y[row] = bias == nullptr ? 0.0 : (*bias)[row];
    for (std::size_t i = 0; i < x.size(); ++i) y[row] += matrix[row * x.size() + i] * x[i];
  }
  return y;
}

Vector normed(const Vector& x, const Vector& weight, double eps) {
  double squares = 0.0;
  for (const double value : x) squares += value * value;
  Vector y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = x[i] * weight[i] / std::sqrt(squares / static_cast<double>(x.size()) + eps);
  }
  return y;
}

void rotate(double* head, std::size_t dim, std::size_t position, double theta) {
  for (std::size_t i = 0; i < dim / 2; ++i) {
    const double angle = static_cast<double>(position) *
                         std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
    const double a = head[i], b = head[i + dim / 2];
    head[i] = a * std::cos(angle) - b * std::sin(angle);
    head[i + dim / 2] = b * std::cos(angle) + a * std::sin(angle);
  }
}

/// The model's logits after each token, by the definition.
std::vector<Vector> reference_logits(const ModelConfig& config, const Weights& weights,
                                     const Tokens& tokens) {
  const std::size_t dim = config.head_dim, per_group = config.heads / config.kv_heads;
  std::vector<Vector> x;
  for (const TokenId token : tokens) {
    const double* row = weights.at("model.embed_tokens.weight").data() + token * config.hidden_size;
    x.emplace_back(row, row + config.hidden_size);
  }
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    const std::string at = "model.layers." + std::to_string(layer) + ".";
    const auto weight = [&](const std::string& name) -> const Vector& {
      return weights.at(at + name + ".weight");
    };
    std::vector<Vector> q, k, v;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const Vector n = normed(x[t], weight("input_layernorm"), config.rms_norm_eps);
      for (auto& [name, into] : {std::pair{"q", &q}, std::pair{"k", &k}, std::pair{"v", &v}}) {
        const std::string projection = std::string("self_attn.") + name + "_proj";
        const Vector* bias = config.qkv_bias ? &weights.at(at + projection + ".bias") : nullptr;
        into->push_back(times(weight(projection), n, bias));
      }
      for (std::size_t h = 0; h < config.heads; ++h) rotate(&q[t][h * dim], dim, t, config.rope_theta);
      for (std::size_t h = 0; h < config.kv_heads; ++h) rotate(&k[t][h * dim], dim, t, config.rope_theta);
    }
    for (std::size_t t = 0; t < x.size(); ++t) {
      Vector mixed(config.heads * dim);
      for (std::size_t h = 0; h < config.heads; ++h) {
        const std::size_t group = h / per_group;
        Vector p(t + 1);
        double total = 0.0;
        for (std::size_t s = 0; s <= t; ++s) {
          double dot = 0.0;
          for (std::size_t i = 0; i < dim; ++i) dot += q[t][h * dim + i] * k[s][group * dim + i];
          total += p[s] = std::exp(dot / std::sqrt(static_cast<double>(dim)));
        }
        for (std::size_t s = 0; s <= t; ++s) {
          for (std::size_t i = 0; i < dim; ++i) mixed[h * dim + i] += p[s] / total * v[s][group * dim + i];
        }
      }
      const Vector out = times(weight("self_attn.o_proj"), mixed);
      for (std::size_t i = 0; i < out.size(); ++i) x[t][i] += out[i];
      const Vector n = normed(x[t], weight("post_attention_layernorm"), config.rms_norm_eps);
      Vector gate = times(weight("mlp.gate_proj"), n);
      const Vector up = times(weight("mlp.up_proj"), n);
      for (std::size_t i = 0; i < gate.size(); ++i) gate[i] *= up[i] / (1.0 + std::exp(-gate[i]));
      const Vector down = times(weight("mlp.down_proj"), gate);
      for (std::size_t i = 0; i < down.size(); ++i) x[t][i] += down[i];
    }
  }
  const Vector& head = weights.at(config.tie_embeddings ? "model.embed_tokens.weight" : "lm_head.weight");
  for (Vector& row : x) row = times(head, normed(row, weights.at("model.norm.weight"), config.rms_norm_eps));
  return x;
}

double reference_loss(const ModelConfig& config, const Weights& weights, const ExampleSet& examples,
                      double prompt_weight) {
  double loss = 0.0, weight = 0.0;
  for (std::size_t e = 0; e < examples.size(); ++e) {
    const Tokens tokens = examples.tokens(e);
    const std::vector<Vector> rows = reference_logits(config, weights, tokens);
    for (std::size_t t = 1; t < tokens.size(); ++t) {
      double total = 0.0;
      for (const double value : rows[t - 1]) total += std::exp(value);
      const double share = (t < examples.loss_from(e) ? prompt_weight : 1.0) * examples.weight(e);
      loss += share * (std::log(total) - rows[t - 1][tokens[t]]);
      weight += share;
    }
  }
  return loss / weight;
}

struct Shape {
  const char* name;
  std::uint32_t heads, kv_heads;
  bool tied, bias;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class GradientsTest : public testing::TestWithParam<Shape> {
 protected:
  GradientsTest() {
    config.vocab_size = 19;
    config.hidden_size = 12;
    config.intermediate_size = 20;
    config.layers = 2;
    config.heads = GetParam().heads;
    config.kv_heads = GetParam().kv_heads;
    config.head_dim = 6;
    config.max_positions = 120;
    config.rms_norm_eps = 1e-5;
    config.tie_embeddings = GetParam().tied;
    config.qkv_bias = GetParam().bias;
    model.config = config;
    Rng rng(7);
    for (const auto& [name, shape] : tensor_shapes(config)) {
      Tensor& tensor = model.tensors[name];
      tensor.shape = shape;
      std::uint64_t size = 1;
      for (const std::uint64_t extent : shape) size *= extent;
      const bool norm = name.ends_with("norm.weight");
      for (std::uint64_t i = 0; i < size; ++i) {
        tensor.values.push_back(static_cast<float>((norm ? 1.0 : 0.0) + 0.3 * rng.normal()));
      }
    }
  }

  ExampleSet make_examples() {
    ExampleSet examples(config.vocab_size);
    Rng rng(11);
    for (const std::size_t length : {5, 17, 90, 2}) {
      Tokens tokens(length);
      for (TokenId& token : tokens) token = rng.below(config.vocab_size);
      EXPECT_TRUE(examples.add(tokens, length - (length > 4 ? 3 : 1), length == 17 ? 2.0F : 1.0F).ok());
    }
    return examples;
  }

  ModelConfig config;
  Model model{{}, {}, *Tokenizer::make("", {}, {})};
};

TEST_P(GradientsTest, LogitsAreThoseOfPlainLoopsInDouble) {
  Rng rng(3);
  Tokens tokens(81);
  for (TokenId& token : tokens) token = rng.below(config.vocab_size);
  const auto fast = logits(model, tokens);
  ASSERT_TRUE(fast.ok()) << fast.error().message;
  const std::vector<Vector> plain = reference_logits(config, in_double(model.tensors), tokens);
  ASSERT_EQ(fast->values.size(), plain.size() * config.vocab_size);
  for (std::size_t t = 0; t < plain.size(); ++t) {
    for (std::size_t i = 0; i < config.vocab_size; ++i) {
      ASSERT_NEAR(fast->values[t * config.vocab_size + i], plain[t][i], 2e-4) << "after token " << t;
    }
  }
}

TEST_P(GradientsTest, GradientsAreCentralDifferencesOfPlainLoopsInDouble) {
  const ExampleSet examples = make_examples();
  for (const double prompt_weight : {0.0, 0.25}) {
    for (const bool composed : {false, true}) {
      const auto fast = loss_and_gradients(
          model, examples,
          {.prompt_loss_weight = prompt_weight, .micro_batch_tokens = 100, .composed = composed});
      ASSERT_TRUE(fast.ok()) << fast.error().message;
      Weights weights = in_double(model.tensors);
      EXPECT_NEAR(fast->loss, reference_loss(config, weights, examples, prompt_weight), 1e-5);
      Rng rng(5);
      for (auto& [name, values] : weights) {
        for (int sample = 0; sample < 3; ++sample) {
          const std::uint32_t i = rng.below(static_cast<std::uint32_t>(values.size()));
          constexpr double kStep = 1e-4;
          const double before = values[i];
          values[i] = before + kStep;
          const double above = reference_loss(config, weights, examples, prompt_weight);
          values[i] = before - kStep;
          const double below = reference_loss(config, weights, examples, prompt_weight);
          values[i] = before;
          const double expected = (above - below) / (2.0 * kStep);
          EXPECT_NEAR(fast->gradients.at(name).values[i], expected, 2e-5 + 1e-4 * std::abs(expected))
              << name << "[" << i << "], prompt weight " << prompt_weight << ", composed " << composed;
        }
      }
    }
  }
}

TEST_P(GradientsTest, BF16IsNearFP32) {
  if (!cpu_has_bf16()) GTEST_SKIP() << "emulated bf16 rounds its sums, too";
  const ExampleSet examples = make_examples();
  const auto exact = loss_and_gradients(model, examples);
  for (const bool composed : {false, true}) {
    const auto rounded =
        loss_and_gradients(model, examples, {.precision = Precision::kBF16, .composed = composed});
    ASSERT_TRUE(exact.ok() && rounded.ok());
    EXPECT_NEAR(rounded->loss, exact->loss, 0.01 * exact->loss);
    double difference = 0.0, norm = 0.0;
    for (const auto& [name, tensor] : exact->gradients) {
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        difference += std::pow(rounded->gradients.at(name).values[i] - tensor.values[i], 2);
        norm += std::pow(tensor.values[i], 2);
      }
    }
    EXPECT_LT(std::sqrt(difference / norm), 0.05) << "composed " << composed;
  }
}

TEST_P(GradientsTest, ManyBatchesGiveTheGradientOfOne) {
  const ExampleSet examples = make_examples();
  const auto one = loss_and_gradients(model, examples, {.micro_batch_tokens = 10000});
  const auto many = loss_and_gradients(model, examples, {.micro_batch_tokens = 1});
  ASSERT_TRUE(one.ok() && many.ok());
  EXPECT_NEAR(one->loss, many->loss, 1e-6);
  for (const auto& [name, tensor] : one->gradients) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      ASSERT_NEAR(tensor.values[i], many->gradients.at(name).values[i], 2e-6) << name;
    }
  }
}

TEST_P(GradientsTest, WhatIsMaskedDoesNotCountAsALabel) {
  // The last token is read by nobody, so it matters as a label alone; and here it is the only one that
  // counts.
  const Tokens tokens{3, 1, 4, 1, 5, 9, 2, 6};
  ExampleSet masked(config.vocab_size), whole(config.vocab_size);
  ASSERT_TRUE(masked.add(tokens, 7).ok());
  const auto alone = loss_and_gradients(model, masked);
  const auto plain = reference_logits(config, in_double(model.tensors), {3, 1, 4, 1, 5, 9, 2});
  ASSERT_TRUE(alone.ok());
  double total = 0.0;
  for (const double value : plain.back()) total += std::exp(value);
  EXPECT_NEAR(alone->loss, std::log(total) - plain.back()[6], 1e-5);
  ASSERT_TRUE(whole.add(tokens, 1).ok());
  const auto all = loss_and_gradients(model, whole);
  ASSERT_TRUE(all.ok());
  EXPECT_GT(std::abs(all->loss - alone->loss), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GradientsTest,
                         testing::Values(Shape{"MultiQueryTied", 4, 1, true, false},
                                         Shape{"GroupedUntied", 4, 2, false, false},
                                         Shape{"FullWithBias", 3, 3, true, true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(LogitsTest, RefuseWhatTheModelCannotRead) {
  ModelConfig config;
  config.vocab_size = 5, config.hidden_size = 4, config.intermediate_size = 4, config.layers = 1;
  config.heads = 1, config.kv_heads = 1, config.head_dim = 4, config.max_positions = 3;
  const Model model{config, random_weights(config, 1), *Tokenizer::make("", {}, {})};
  EXPECT_EQ(logits(model, Tokens{}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(logits(model, Tokens{5}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(logits(model, Tokens{1, 2, 3, 4}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(logits(model, Tokens{1, 2, 3}).ok());
}

}  // namespace
}  // namespace samara::lm
