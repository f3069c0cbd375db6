// ModelConfig: the shape of a decoder-only transformer of the Llama family, as Hugging Face's config.json
// states it: RMSNorm before each block, rotary positions (the "rotate half" layout), SwiGLU, grouped
// key/value heads. Read model.h next. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/lm/token.h"

namespace samara::lm {

enum class Architecture { kLlama, kQwen2 };  ///< LlamaForCausalLM, Qwen2ForCausalLM

/// Defaults are those of a Hugging Face config that leaves the key out.
struct ModelConfig {
  Architecture architecture = Architecture::kLlama;
  std::uint32_t vocab_size = 0;
  std::uint32_t hidden_size = 0;        ///< width of the residual stream
  std::uint32_t intermediate_size = 0;  ///< width of SwiGLU's hidden layer
  std::uint32_t layers = 0;             ///< num_hidden_layers
  std::uint32_t heads = 0;              ///< num_attention_heads
  std::uint32_t kv_heads = 0;           ///< num_key_value_heads; divides heads; 1 is multi-query attention
  std::uint32_t head_dim = 0;           ///< even; hidden_size / heads unless the config says otherwise
  std::uint32_t max_positions = 0;      ///< max_position_embeddings: tokens of context
  double rope_theta = 10000.0;
  double rms_norm_eps = 1e-6;
  bool tie_embeddings = false;  ///< the output matrix is the embedding matrix
  bool qkv_bias = false;        ///< q, k and v projections have biases (always in Qwen2)
  std::optional<TokenId> bos_token, eos_token, pad_token;

  std::uint64_t parameters() const;
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

/// Reads config.json. Errors: kInvalidData for malformed text or impossible numbers; kUnsupported for another
/// architecture, or for a setting (rope scaling, sliding windows in use, another activation) that would
/// change the numbers.
Result<ModelConfig> read_config(std::string_view json);
/// config.json as the format's description has it (docs/formats/model-folder.md).
std::string write_config(const ModelConfig& config);

/// Errors: kInvalidData naming the field: zero sizes, heads that do not divide, more than 2^32 parameters ...
Status validate(const ModelConfig& config);

}  // namespace samara::lm
