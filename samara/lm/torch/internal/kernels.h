// Kernels: what a transformer does between its matrix products, forward and backward, one pass over memory
// each, for one CPU thread. `T` is the type of activations, float or Bf16; sums are always fp32. All arrays
// are contiguous and row-major. Pure functions; the same machine gives the same bits.
#pragma once

#include <cstdint>

namespace samara::lm::kernels {

/// The upper half of a float, as torch and oneDNN store it.
struct Bf16 {
  std::uint16_t bits;
};

/// RMSNorm (Zhang and Sennrich 2019) of x, or of x + delta where delta is not null:
/// normed = sum * weight / sqrt(mean(sum^2) + eps).
/// @param x, sum (rows, width)  @param delta, normed (rows, width)  @param inverse_rms (rows)
/// `sum` is written only where there is a delta.
template <typename T>
void rms_norm(const float* x, const T* delta, const float* weight, float eps, std::int64_t rows,
              std::int64_t width, float* sum, T* normed, float* inverse_rms);

/// @param grad_sum       gradient that reaches x + delta past the norm; may be null
/// @param grad_x         (rows, width), written; grad_delta the same as T, unless null
/// @param grad_weight    (width), written
template <typename T>
void rms_norm_backward(const float* sum, const float* weight, const float* inverse_rms, const T* grad_normed,
                       const float* grad_sum, std::int64_t rows, std::int64_t width, float* grad_x,
                       T* grad_delta, float* grad_weight);

/// Where the heads of one kind (queries, keys or values) are inside a projection's output, and how they are
/// rotated (Su et al. 2021, pairs (i, i + dim/2)).
struct HeadLayout {
  std::int64_t rows = 0, columns = 0;    ///< batch and positions
  std::int64_t stride = 0;               ///< of the projection's output, per position
  std::int64_t offset = 0;               ///< of these heads in it
  std::int64_t groups = 0, heads = 0;    ///< key/value heads, and heads per key/value head
  std::int64_t dim = 0;                  ///< of a head
  std::int64_t first_column = 0;         ///< column of the batch that position 0 is
  const std::int32_t* starts = nullptr;  ///< (rows): column of a row's first token
  const float* cosines = nullptr;        ///< (positions, dim / 2); null: no rotation
  const float* sines = nullptr;
  float scale = 1.0F;  ///< multiplies the result
};

/// projected (rows, columns, stride) to split (rows, groups, columns, heads, dim).
template <typename T>
void split_heads(const HeadLayout& layout, const T* projected, T* split);
/// Its transpose: gradients of `split` to those of `projected`; writes these heads' places only.
template <typename T>
void split_heads_backward(const HeadLayout& layout, const T* split, T* projected);

/// In place, scores (batch, queries, heads, keys) to probabilities. Query i is at column first_query + i and
/// sees the columns from its row's start to its own; what it does not see gets 0.
/// Row b of the batch has starts[b / groups].
template <typename T>
void causal_softmax(T* scores, std::int64_t batch, std::int64_t queries, std::int64_t heads,
                    std::int64_t keys, std::int64_t first_query, const std::int32_t* starts,
                    std::int64_t groups);
/// In place, gradients of the probabilities to those of the scores. Both (rows, keys).
template <typename T>
void softmax_backward(const T* probabilities, T* gradient, std::int64_t rows, std::int64_t keys);

/// silu(gate) * up (Shazeer 2020), gate and up side by side: (rows, 2 * width) to (rows, width).
template <typename T>
void swiglu(const T* gate_up, std::int64_t rows, std::int64_t width, T* out);
template <typename T>
void swiglu_backward(const T* gate_up, const T* grad_out, std::int64_t rows, std::int64_t width,
                     T* grad_gate_up);

struct LossSums {
  double loss = 0.0;     ///< sum of weight * -log p(target)
  double correct = 0.0;  ///< sum of weight where the target is the most probable token
};
/// Cross entropy of logits (rows, vocabulary). If `with_gradient`, logits become the gradients of
/// scale * loss.
template <typename T>
LossSums cross_entropy(T* logits, const std::int64_t* targets, const float* weights, std::int64_t rows,
                       std::int64_t vocabulary, float scale, bool with_gradient);

/// AdamW's step for one parameter: weights, moments updated in place. `decay` multiplies the weights first.
struct AdamStep {
  float rate, beta1, beta2, epsilon, decay;
  float correction1, correction2;  ///< 1 / (1 - beta^t)
  float gradient_scale;            ///< multiplies the gradient: clipping
};
void adam(const AdamStep& step, const float* gradient, std::int64_t size, float* weights, float* first,
          float* second);

}  // namespace samara::lm::kernels
