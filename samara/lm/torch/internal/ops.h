// Ops: the steps between a transformer's matrix products and their derivatives, behind one interface: `fused`
// for the CPU (kernels.h: one pass over memory each, derivatives by hand) and `composed` for any device
// (ATen's operations, derivatives by autograd). Both compute the same functions, which a test compares.
// Internal: this header includes torch. Stateless, so safe to call concurrently.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace samara::lm {

/// Where a batch's examples lie; see Batch.
struct Places {
  std::int64_t rows = 0, columns = 0;
  at::Tensor starts;   ///< (rows) int32: first column of each row's example
  at::Tensor cosines;  ///< (max_positions, dim / 2) fp32, for rotary positions
  at::Tensor sines;
};

struct Normed {
  at::Tensor sum;      ///< (n, width) fp32: what was normed
  at::Tensor normed;   ///< of the activations' type
  at::Tensor inverse;  ///< (n): 1 / root mean square; for the derivative
};
struct NormGradients {
  at::Tensor x;       ///< fp32
  at::Tensor delta;   ///< the same, of the activations' type; undefined where there was no delta
  at::Tensor weight;  ///< fp32
};

/// One kind of heads (queries, keys, values) in a projection's output.
struct HeadKind {
  std::int64_t offset = 0;  ///< first feature
  std::int64_t groups = 0;  ///< key/value heads
  std::int64_t heads = 0;   ///< per key/value head
  std::int64_t dim = 0;
  bool rotated = false;
  double scale = 1.0;
};

struct Attended {
  at::Tensor out;                         ///< the shape of q
  std::vector<at::Tensor> probabilities;  ///< for the derivative; may be empty
};
struct AttentionGradients {
  at::Tensor q, k, v;
};

struct CrossEntropy {
  at::Tensor gradient;   ///< of scale * loss, the shape and type of the logits; undefined unless asked for
  double loss = 0.0;     ///< sum of weight * negative log-likelihood
  double correct = 0.0;  ///< sum of weight where the target is the most probable token
};

class Ops {
 public:
  virtual ~Ops() = default;

  /// RMSNorm of x + delta. @param x fp32 @param delta of type `type`, or undefined
  virtual Normed add_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, double eps,
                          at::ScalarType type) const = 0;
  /// @param past gradient that reaches the sum past the norm; may be undefined @param with_delta whether
  /// there was a delta
  virtual NormGradients add_norm_backward(const Normed& forward, const at::Tensor& weight, double eps,
                                          const at::Tensor& gradient, const at::Tensor& past,
                                          bool with_delta) const = 0;

  /// Of a (rows * columns, features) projection, each kind as (rows * groups, columns * heads, dim). Its
  /// first column is the batch's column `first_column`.
  virtual std::vector<at::Tensor> split_heads(const at::Tensor& projected, std::span<const HeadKind> kinds,
                                              std::int64_t first_column, const Places& places) const = 0;
  /// The projection's gradient; the kinds cover all its features.
  virtual at::Tensor split_heads_backward(std::span<const at::Tensor> gradients,
                                          std::span<const HeadKind> kinds, std::int64_t first_column,
                                          const Places& places) const = 0;

  /// Causal attention. @param q (b, queries * heads, dim), scaled; those of the last columns @param k, v (b,
  /// columns, dim) @param heads per key/value head
  virtual Attended attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             std::int64_t heads, const Places& places) const = 0;
  virtual AttentionGradients attention_backward(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                                const Attended& forward, const at::Tensor& gradient,
                                                std::int64_t heads, const Places& places) const = 0;

  /// silu(first half) * second half of the last dimension.
  virtual at::Tensor swiglu(const at::Tensor& gate_up) const = 0;
  virtual at::Tensor swiglu_backward(const at::Tensor& gate_up, const at::Tensor& gradient) const = 0;

  /// @param logits (n, vocabulary), consumed @param targets (n) int64 @param weights (n) fp32
  virtual CrossEntropy cross_entropy(at::Tensor logits, const at::Tensor& targets, const at::Tensor& weights,
                                     double scale, bool with_gradient) const = 0;
};

const Ops& fused_ops();
const Ops& composed_ops();

}  // namespace samara::lm
