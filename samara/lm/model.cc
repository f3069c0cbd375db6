#include "samara/lm/model.h"

#include <cmath>

#include "samara/base/sha256.h"
#include "samara/lm/internal/float_bits.h"

namespace samara::lm {
namespace {

void add_floats_as_bf16(Sha256& digest, const std::vector<float>& values) {
  std::string bytes;
  bytes.reserve(2 * values.size());
  for (const float value : values) {
    const std::uint16_t bits = internal::to_bf16(value);
    bytes += static_cast<char>(bits & 0xff);
    bytes += static_cast<char>(bits >> 8);
  }
  digest.add_string(bytes);
}

/// The standard deviation that fresh values of this tensor have.
double deviation(const std::string& name, const std::vector<std::uint64_t>& shape, std::uint32_t layers) {
  if (name == "model.embed_tokens.weight") return 1.0;
  const double scale = 1.0 / std::sqrt(static_cast<double>(shape.back()));
  const bool residual = name.ends_with(".o_proj.weight") || name.ends_with(".down_proj.weight");
  return residual ? scale / std::sqrt(2.0 * layers) : scale;
}

}  // namespace

std::map<std::string, std::vector<std::uint64_t>> tensor_shapes(const ModelConfig& config) {
  const std::uint64_t hidden = config.hidden_size;
  const std::uint64_t inner = config.intermediate_size;
  const std::uint64_t q = std::uint64_t{config.heads} * config.head_dim;
  const std::uint64_t kv = std::uint64_t{config.kv_heads} * config.head_dim;

  std::map<std::string, std::vector<std::uint64_t>> shapes;
  shapes["model.embed_tokens.weight"] = {config.vocab_size, hidden};
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    shapes[prefix + "input_layernorm.weight"] = {hidden};
    shapes[prefix + "self_attn.q_proj.weight"] = {q, hidden};
    shapes[prefix + "self_attn.k_proj.weight"] = {kv, hidden};
    shapes[prefix + "self_attn.v_proj.weight"] = {kv, hidden};
    shapes[prefix + "self_attn.o_proj.weight"] = {hidden, q};
    if (config.qkv_bias) {
      shapes[prefix + "self_attn.q_proj.bias"] = {q};
      shapes[prefix + "self_attn.k_proj.bias"] = {kv};
      shapes[prefix + "self_attn.v_proj.bias"] = {kv};
    }
    shapes[prefix + "post_attention_layernorm.weight"] = {hidden};
    shapes[prefix + "mlp.gate_proj.weight"] = {inner, hidden};
    shapes[prefix + "mlp.up_proj.weight"] = {inner, hidden};
    shapes[prefix + "mlp.down_proj.weight"] = {hidden, inner};
  }
  shapes["model.norm.weight"] = {hidden};
  if (!config.tie_embeddings) shapes["lm_head.weight"] = {config.vocab_size, hidden};
  return shapes;
}

Tensors random_weights(const ModelConfig& config, std::uint64_t seed) {
  Tensors tensors;
  std::uint32_t index = 0;  // each tensor has a stream of its own
  for (auto& [name, shape] : tensor_shapes(config)) {
    std::uint64_t size = 1;
    for (const std::uint64_t dimension : shape) size *= dimension;
    Tensor tensor{shape, std::vector<float>(size, 0.0F)};
    if (name.ends_with("norm.weight")) {
      tensor.values.assign(size, 1.0F);
    } else if (!name.ends_with(".bias")) {
      const double scale = deviation(name, shape, config.layers);
      Rng rng(seed, index, 0, Stream{0});
      for (float& value : tensor.values) value = static_cast<float>(scale * rng.normal());
    }
    tensors.emplace(name, std::move(tensor));
    ++index;
  }
  return tensors;
}

std::string model_digest(const Model& model) {
  Sha256 digest;
  const ModelConfig& c = model.config;
  for (const std::uint64_t value :
       {std::uint64_t{c.architecture == Architecture::kQwen2}, std::uint64_t{c.vocab_size},
        std::uint64_t{c.hidden_size}, std::uint64_t{c.intermediate_size}, std::uint64_t{c.layers},
        std::uint64_t{c.heads}, std::uint64_t{c.kv_heads}, std::uint64_t{c.head_dim},
        std::uint64_t{c.max_positions}, std::uint64_t{c.tie_embeddings}, std::uint64_t{c.qkv_bias}}) {
    digest.add_u64(value);
  }
  digest.add_double(c.rope_theta).add_double(c.rms_norm_eps);
  for (const auto& token : {c.bos_token, c.eos_token, c.pad_token}) digest.add_u64(token ? *token + 1ULL : 0);
  for (const auto& [name, tensor] : model.tensors) {
    digest.add_string(name).add_u64(tensor.shape.size());
    for (const std::uint64_t dimension : tensor.shape) digest.add_u64(dimension);
    add_floats_as_bf16(digest, tensor.values);
  }
  digest.add_string(model.tokenizer.to_json());
  const Sha256Digest bytes = digest.finish();
  return to_hex(bytes.data(), bytes.size());
}

}  // namespace samara::lm
