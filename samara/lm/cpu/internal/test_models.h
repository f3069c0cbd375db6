// For tests and benchmarks: models made in memory, and the same forward pass as the Decoder's in plain loops
// and double precision, written from the formulas alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/lm/model_config.h"
#include "samara/lm/tensor.h"
#include "samara/lm/token.h"

namespace samara::lm::cpu::testing {

struct Shape {
  std::uint32_t vocab, hidden, intermediate, layers, heads, kv_heads, head_dim;
  bool tied = true, bias = false;
};

inline ModelConfig config_of(const Shape& shape, std::uint32_t max_positions = 512) {
  ModelConfig config;
  config.architecture = shape.bias ? Architecture::kQwen2 : Architecture::kLlama;
  config.vocab_size = shape.vocab;
  config.hidden_size = shape.hidden;
  config.intermediate_size = shape.intermediate;
  config.layers = shape.layers;
  config.heads = shape.heads;
  config.kv_heads = shape.kv_heads;
  config.head_dim = shape.head_dim;
  config.max_positions = max_positions;
  config.tie_embeddings = shape.tied;
  config.qkv_bias = shape.bias;
  return config;
}

/// Random weights that make logits of a few units, so that distributions are neither flat nor certain.
inline Tensors make_tensors(const ModelConfig& config, std::uint64_t seed) {
  Rng rng(seed);
  Tensors tensors;
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape, double mean,
                       double deviation) {
    Tensor tensor{std::move(shape), {}};
    std::size_t size = 1;
    for (const std::uint64_t n : tensor.shape) size *= n;
    tensor.values.resize(size);
    for (float& value : tensor.values) value = static_cast<float>(mean + deviation * rng.normal());
    tensors.emplace(name, std::move(tensor));
  };
  const std::uint64_t hidden = config.hidden_size, inner = config.intermediate_size;
  const std::uint64_t q = std::uint64_t{config.heads} * config.head_dim;
  const std::uint64_t kv = std::uint64_t{config.kv_heads} * config.head_dim;
  const auto fan_in = [](std::uint64_t n) { return 1.0 / std::sqrt(static_cast<double>(n)); };
  // Tied embeddings make the logits of unit vectors: 2 / sqrt(hidden) keeps those within a few units.
  const double output = 2.0 * fan_in(hidden);
  add("model.embed_tokens.weight", {config.vocab_size, hidden}, 0.0, config.tie_embeddings ? output : 1.0);
  if (!config.tie_embeddings) add("lm_head.weight", {config.vocab_size, hidden}, 0.0, output);
  add("model.norm.weight", {hidden}, 1.0, 0.1);
  for (std::uint32_t l = 0; l < config.layers; ++l) {
    const std::string prefix = "model.layers." + std::to_string(l) + ".";
    add(prefix + "input_layernorm.weight", {hidden}, 1.0, 0.1);
    add(prefix + "post_attention_layernorm.weight", {hidden}, 1.0, 0.1);
    add(prefix + "self_attn.q_proj.weight", {q, hidden}, 0.0, 1.5 * fan_in(hidden));
    add(prefix + "self_attn.k_proj.weight", {kv, hidden}, 0.0, 1.5 * fan_in(hidden));
    add(prefix + "self_attn.v_proj.weight", {kv, hidden}, 0.0, fan_in(hidden));
    add(prefix + "self_attn.o_proj.weight", {hidden, q}, 0.0, fan_in(q));
    if (config.qkv_bias) {
      add(prefix + "self_attn.q_proj.bias", {q}, 0.0, 0.3);
      add(prefix + "self_attn.k_proj.bias", {kv}, 0.0, 0.3);
      add(prefix + "self_attn.v_proj.bias", {kv}, 0.0, 0.3);
    }
    add(prefix + "mlp.gate_proj.weight", {inner, hidden}, 0.0, fan_in(hidden));
    add(prefix + "mlp.up_proj.weight", {inner, hidden}, 0.0, fan_in(hidden));
    add(prefix + "mlp.down_proj.weight", {hidden, inner}, 0.0, fan_in(inner));
  }
  return tensors;
}

/// The reference: logits at every position of a sequence, each (vocab) doubles.
class Reference {
 public:
  using Vector = std::vector<double>;
  Reference(const ModelConfig& config, const Tensors& tensors) : config_(config), tensors_(tensors) {}

  std::vector<Vector> logits(const Tokens& tokens) const {
    std::vector<Vector> x;
    const std::vector<float>& embeddings = values("model.embed_tokens.weight");
    for (const TokenId token : tokens) {
      const auto row =
          embeddings.begin() + static_cast<std::ptrdiff_t>(std::size_t{token} * config_.hidden_size);
      x.emplace_back(row, row + config_.hidden_size);
    }
    for (std::uint32_t l = 0; l < config_.layers; ++l) {
      const std::string prefix = "model.layers." + std::to_string(l) + ".";
      const std::vector<Vector> mixed = attention(x, prefix);
      for (std::size_t p = 0; p < x.size(); ++p) {
        add(x[p], times(prefix + "self_attn.o_proj.weight", mixed[p]));
        const Vector normed = norm(x[p], prefix + "post_attention_layernorm.weight");
        Vector gate = times(prefix + "mlp.gate_proj.weight", normed);
        const Vector up = times(prefix + "mlp.up_proj.weight", normed);
        for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1.0 + std::exp(-gate[i])) * up[i];
        add(x[p], times(prefix + "mlp.down_proj.weight", gate));
      }
    }
    for (Vector& row : x) {
      row = times(config_.tie_embeddings ? "model.embed_tokens.weight" : "lm_head.weight",
                  norm(row, "model.norm.weight"));
    }
    return x;
  }

 private:
  const std::vector<float>& values(const std::string& name) const { return tensors_.at(name).values; }

  static void add(Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }
  Vector times(const std::string& name, const Vector& x) const {
    const std::vector<float>& weights = values(name);
    Vector y(weights.size() / x.size());
    for (std::size_t o = 0; o < y.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i)
        y[o] += static_cast<double>(weights[o * x.size() + i]) * x[i];
    }
    return y;
  }
  Vector norm(const Vector& x, const std::string& name) const {
    double squares = 0.0;
    for (const double v : x) squares += v * v;
    const double root = std::sqrt(squares / static_cast<double>(x.size()) + config_.rms_norm_eps);
    Vector y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / root * static_cast<double>(values(name)[i]);
    return y;
  }
  /// One of q, k, v: projected, with bias, and rotated where `rotated`.
  Vector project(const Vector& x, const std::string& name, std::size_t position, bool rotated) const {
    Vector y = times(name + ".weight", x);
    if (config_.qkv_bias) {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += static_cast<double>(values(name + ".bias")[i]);
    }
    if (!rotated) return y;
    const std::size_t size = config_.head_dim;
    for (std::size_t head = 0; head < y.size() / size; ++head) {
      for (std::size_t i = 0; i < size / 2; ++i) {
        const double angle =
            static_cast<double>(position) /
            std::pow(config_.rope_theta, 2.0 * static_cast<double>(i) / static_cast<double>(size));
        double& a = y[head * size + i];
        double& b = y[head * size + i + size / 2];
        const double rotated_a = a * std::cos(angle) - b * std::sin(angle);
        b = b * std::cos(angle) + a * std::sin(angle);
        a = rotated_a;
      }
    }
    return y;
  }
  std::vector<Vector> attention(const std::vector<Vector>& x, const std::string& prefix) const {
    std::vector<Vector> q, k, v, out;
    for (std::size_t p = 0; p < x.size(); ++p) {
      const Vector normed = norm(x[p], prefix + "input_layernorm.weight");
      q.push_back(project(normed, prefix + "self_attn.q_proj", p, true));
      k.push_back(project(normed, prefix + "self_attn.k_proj", p, true));
      v.push_back(project(normed, prefix + "self_attn.v_proj", p, false));
    }
    const std::size_t size = config_.head_dim, group = config_.heads / config_.kv_heads;
    for (std::size_t p = 0; p < x.size(); ++p) {
      Vector mixed(config_.heads * size);
      for (std::size_t head = 0; head < config_.heads; ++head) {
        Vector weights(p + 1);
        const std::size_t shared = head / group * size;
        for (std::size_t t = 0; t <= p; ++t) {
          for (std::size_t i = 0; i < size; ++i) weights[t] += q[p][head * size + i] * k[t][shared + i];
          weights[t] /= std::sqrt(static_cast<double>(size));
        }
        const double most = *std::max_element(weights.begin(), weights.end());
        double total = 0.0;
        for (double& weight : weights) total += weight = std::exp(weight - most);
        for (std::size_t t = 0; t <= p; ++t) {
          for (std::size_t i = 0; i < size; ++i)
            mixed[head * size + i] += weights[t] / total * v[t][shared + i];
        }
      }
      out.push_back(std::move(mixed));
    }
    return out;
  }

  const ModelConfig& config_;
  const Tensors& tensors_;
};

/// Shapes of all kinds: key/value heads, tied or not, biases, head sizes, and sizes that fill no vector.
inline std::vector<Shape> test_shapes() {
  return {
      {64, 64, 96, 2, 4, 1, 16},
      {100, 64, 80, 2, 4, 2, 32, false},
      {128, 96, 128, 3, 4, 4, 16, false, true},
      {64, 128, 160, 1, 2, 1, 64, true, true},
      {90, 36, 50, 2, 3, 1, 12, false},
      {64, 64, 64, 2, 6, 2, 10, true, true},
      {80, 48, 64, 2, 7, 1, 18},
  };
}

inline Tokens random_tokens(Rng& rng, std::size_t count, std::uint32_t vocab) {
  Tokens tokens(count);
  for (TokenId& token : tokens) token = rng.below(vocab);
  return tokens;
}

}  // namespace samara::lm::cpu::testing
