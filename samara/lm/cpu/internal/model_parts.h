// ModelParts: a PackedModel's weights.
#pragma once

#include <memory>
#include <vector>

#include "samara/lm/cpu/internal/kernels.h"
#include "samara/lm/cpu/internal/packed_matrix.h"
#include "samara/lm/model_config.h"

namespace samara::lm::cpu {

struct LayerParts {
  std::vector<float> attention_norm, mlp_norm;
  PackedMatrix qkv;      ///< hidden -> q of all heads, k and v of all key/value heads
  PackedMatrix out;      ///< heads * head_dim -> added to hidden
  PackedMatrix gate_up;  ///< hidden -> gate, up
  PackedMatrix down;     ///< intermediate -> added to hidden
};

/// What the Decoder's buffers for the rows of a pass take at most. kMaxRows rows of Qwen2, whose vocabulary
/// has 151,936 tokens, take less than half.
inline constexpr std::uint64_t kMaxPassBytes = std::uint64_t{256} << 20;
/// Bytes that one row of a pass takes in them.
std::uint64_t pass_bytes_of_row(const ModelConfig& config, std::size_t element_size);

struct ModelParts {
  ModelConfig config;
  const Kernels* kernels = nullptr;
  std::size_t max_rows = 0;           ///< of a pass: the last of kRowCounts that keeps to kMaxPassBytes
  AlignedBuffer embeddings;           ///< (vocab, hidden) elements
  std::vector<float> cosines, sines;  ///< (max_positions, head_dim / 2)
  std::vector<LayerParts> layers;
  std::vector<float> final_norm;
  PackedMatrix head;  ///< hidden -> logits

  std::size_t q_size() const { return std::size_t{config.heads} * config.head_dim; }
  std::size_t kv_size() const { return std::size_t{config.kv_heads} * config.head_dim; }
  std::size_t qkv_size() const { return q_size() + 2 * kv_size(); }
  /// Bytes of one page of a sequence: a block for each layer and key/value head, in that order.
  std::size_t page_bytes() const {
    return std::size_t{config.layers} * config.kv_heads * kernels->block_bytes(config.head_dim);
  }
};

/// Packs for one table of kernels a model of which kRowCounts.front() rows keep to kMaxPassBytes. Throws
/// dnnl::error.
std::unique_ptr<const ModelParts> pack(const ModelConfig& config, const Tensors& tensors,
                                       const Kernels& kernels);

}  // namespace samara::lm::cpu
