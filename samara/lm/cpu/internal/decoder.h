// Decoder: the forward pass: tokens of any sequences go in together, logits come out. A token's logits, keys
// and values depend on its sequence alone, bit for bit, however passes are put together. One thread.
//
// The model is that of Touvron et al., "LLaMA: Open and efficient foundation language models", 2023, with
// Qwen2's biases: x += out(attention(rotate(qkv(norm(x))))); x += down(silu(gate) * up) with gate, up of
// norm(x).
#pragma once

#include <span>
#include <vector>

#include "samara/lm/cpu/internal/kv_pages.h"
#include "samara/lm/cpu/internal/model_parts.h"
#include "samara/lm/token.h"

namespace samara::lm::cpu {

/// One token of one sequence, whose earlier positions came in earlier rows or passes.
struct Row {
  TokenId token = 0;
  std::size_t position = 0;
  KvSequence* sequence = nullptr;  ///< with room for the position
};

class Decoder {
 public:
  /// @param parts outlives the decoder
  explicit Decoder(const ModelParts& parts);

  std::size_t max_rows() const { return parts_.max_rows; }
  /// Computes keys and values of 1 to max_rows() rows and remembers where they arrived for logits().
  void forward(std::span<const Row> rows);
  /// Logits of some of the last pass' rows: (indices.size(), vocab) floats, valid until the next call.
  const float* logits(std::span<const std::size_t> indices);

 private:
  void attend(std::size_t layer, std::span<const Row> rows);
  void normalize(const std::vector<float>& weight, std::size_t rows);

  std::byte* normed_row(std::size_t row);

  const ModelParts& parts_;
  MatrixWorkspace workspace_;
  AlignedBuffer hidden_;   ///< (max_rows, hidden) floats: the residual stream
  AlignedBuffer normed_;   ///< (max_rows, hidden) elements
  AlignedBuffer qkv_;      ///< (max_rows, qkv_size) floats
  AlignedBuffer query_;    ///< q_size elements
  AlignedBuffer mixed_;    ///< (max_rows, q_size) elements
  AlignedBuffer gate_up_;  ///< (max_rows, 2 intermediate) floats
  AlignedBuffer gated_;    ///< (max_rows, intermediate) elements
  AlignedBuffer logits_;   ///< (max_rows, vocab) floats
  AlignedBuffer scores_;   ///< heads of a key/value head times positions, floats
};

}  // namespace samara::lm::cpu
