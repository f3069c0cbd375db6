#include <ATen/ATen.h>

#include "samara/base/check.h"
#include "samara/lm/torch/internal/kernels.h"
#include "samara/lm/torch/internal/ops.h"
#include "samara/lm/torch/internal/products.h"

namespace samara::lm {
namespace {

using at::Tensor;
using kernels::Bf16;

/// Query columns whose scores are one matrix product: what causality saves is whole blocks.
constexpr std::int64_t kQueryBlock = 64;

template <typename T>
T* data(const Tensor& tensor) {
  SAMARA_CHECK(tensor.is_contiguous());
  return static_cast<T*>(tensor.data_ptr());
}
template <typename T>
T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? data<T>(tensor) : nullptr;
}

/// Calls f with a value of the activations' element type.
template <typename F>
void with_type(at::ScalarType type, const F& f) {
  if (type == at::kBFloat16) return f(Bf16{});
  SAMARA_CHECK(type == at::kFloat);
  f(float{});
}

kernels::HeadLayout layout(const HeadKind& kind, std::int64_t columns, std::int64_t features,
                           std::int64_t first_column, const Places& places) {
  return {.rows = places.rows,
          .columns = columns,
          .stride = features,
          .offset = kind.offset,
          .groups = kind.groups,
          .heads = kind.heads,
          .dim = kind.dim,
          .first_column = first_column,
          .starts = data<std::int32_t>(places.starts),
          .cosines = kind.rotated ? data<float>(places.cosines) : nullptr,
          .sines = kind.rotated ? data<float>(places.sines) : nullptr,
          .scale = static_cast<float>(kind.scale)};
}

/// A block of queries, as rows of q, and the keys that any of them may see.
struct QueryBlock {
  std::int64_t first_row, rows;  // of q's second dimension
  std::int64_t first_query;      // column of the batch
  std::int64_t queries, keys;
};

std::vector<QueryBlock> query_blocks(const Tensor& q, const Tensor& k, std::int64_t heads) {
  const std::int64_t queries = q.size(1) / heads, columns = k.size(1);
  std::vector<QueryBlock> blocks;
  for (std::int64_t first = 0; first < queries; first += kQueryBlock) {
    const std::int64_t count = std::min(kQueryBlock, queries - first);
    const std::int64_t column = columns - queries + first;
    blocks.push_back({first * heads, count * heads, column, count, column + count});
  }
  return blocks;
}

class FusedOps final : public Ops {
 public:
  Normed add_norm(const Tensor& x, const Tensor& delta, const Tensor& weight, double eps,
                  at::ScalarType type) const override {
    const std::int64_t rows = x.size(0), width = x.size(1);
    Normed result{delta.defined() ? at::empty_like(x) : x, at::empty({rows, width}, x.options().dtype(type)),
                  at::empty({rows}, x.options())};
    with_type(type, [&](auto t) {
      using T = decltype(t);
      kernels::rms_norm<T>(data<float>(x), data_or_null<T>(delta), data<float>(weight),
                           static_cast<float>(eps), rows, width, data<float>(result.sum),
                           data<T>(result.normed), data<float>(result.inverse));
    });
    return result;
  }

  NormGradients add_norm_backward(const Normed& forward, const Tensor& weight, double /*eps*/,
                                  const Tensor& gradient, const Tensor& past,
                                  bool with_delta) const override {
    NormGradients result{at::empty_like(forward.sum), with_delta ? at::empty_like(gradient) : Tensor(),
                         at::empty_like(weight)};
    with_type(gradient.scalar_type(), [&](auto t) {
      using T = decltype(t);
      kernels::rms_norm_backward<T>(
          data<float>(forward.sum), data<float>(weight), data<float>(forward.inverse), data<T>(gradient),
          data_or_null<float>(past), forward.sum.size(0), forward.sum.size(1), data<float>(result.x),
          data_or_null<T>(result.delta), data<float>(result.weight));
    });
    return result;
  }

  std::vector<Tensor> split_heads(const Tensor& projected, std::span<const HeadKind> kinds,
                                  std::int64_t first_column, const Places& places) const override {
    const std::int64_t columns = projected.size(0) / places.rows;
    std::vector<Tensor> split;
    for (const HeadKind& kind : kinds) {
      split.push_back(
          at::empty({places.rows * kind.groups, columns * kind.heads, kind.dim}, projected.options()));
      with_type(projected.scalar_type(), [&](auto t) {
        using T = decltype(t);
        kernels::split_heads<T>(layout(kind, columns, projected.size(1), first_column, places),
                                data<T>(projected), data<T>(split.back()));
      });
    }
    return split;
  }

  Tensor split_heads_backward(std::span<const Tensor> gradients, std::span<const HeadKind> kinds,
                              std::int64_t first_column, const Places& places) const override {
    const std::int64_t columns = gradients[0].size(1) / kinds[0].heads;
    std::int64_t features = 0;
    for (const HeadKind& kind : kinds) features += kind.groups * kind.heads * kind.dim;
    Tensor projected = at::empty({places.rows * columns, features}, gradients[0].options());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      with_type(projected.scalar_type(), [&](auto t) {
        using T = decltype(t);
        kernels::split_heads_backward<T>(layout(kinds[i], columns, features, first_column, places),
                                         data<T>(gradients[i]), data<T>(projected));
      });
    }
    return projected;
  }

  Attended attention(const Tensor& q, const Tensor& k, const Tensor& v, std::int64_t heads,
                     const Places& places) const override {
    Attended result;
    std::vector<Tensor> outs;
    for (const QueryBlock& block : query_blocks(q, k, heads)) {
      Tensor scores =
          at::bmm(q.narrow(1, block.first_row, block.rows), k.narrow(1, 0, block.keys).transpose(1, 2))
              .contiguous();
      with_type(q.scalar_type(), [&](auto t) {
        using T = decltype(t);
        kernels::causal_softmax<T>(data<T>(scores), q.size(0), block.queries, heads, block.keys,
                                   block.first_query, data<std::int32_t>(places.starts),
                                   q.size(0) / places.rows);
      });
      outs.push_back(at::bmm(scores, v.narrow(1, 0, block.keys)));
      result.probabilities.push_back(std::move(scores));
    }
    result.out = outs.size() == 1 ? outs[0] : at::cat(outs, 1);
    return result;
  }

  AttentionGradients attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                        const Attended& forward, const Tensor& gradient, std::int64_t heads,
                                        const Places& /*places*/) const override {
    // Keys and values collect gradients of several blocks, so in fp32.
    const Tensor grad_k = at::zeros(k.sizes(), k.options().dtype(at::kFloat)),
                 grad_v = at::zeros_like(grad_k);
    std::vector<Tensor> grad_q;
    const std::vector<QueryBlock> blocks = query_blocks(q, k, heads);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const QueryBlock& block = blocks[i];
      const Tensor& probabilities = forward.probabilities[i];
      const Tensor out = gradient.narrow(1, block.first_row, block.rows);
      grad_v.narrow(1, 0, block.keys).add_(transposed_product(probabilities, out));
      const Tensor scores = at::bmm(out, v.narrow(1, 0, block.keys).transpose(1, 2)).contiguous();
      with_type(q.scalar_type(), [&](auto t) {
        using T = decltype(t);
        kernels::softmax_backward<T>(data<T>(probabilities), data<T>(scores), q.size(0) * block.rows,
                                     block.keys);
      });
      grad_q.push_back(at::bmm(scores, k.narrow(1, 0, block.keys)));
      grad_k.narrow(1, 0, block.keys)
          .add_(transposed_product(scores, q.narrow(1, block.first_row, block.rows)));
    }
    return {grad_q.size() == 1 ? grad_q[0] : at::cat(grad_q, 1), grad_k.to(k.scalar_type()),
            grad_v.to(v.scalar_type())};
  }

  Tensor swiglu(const Tensor& gate_up) const override {
    const std::int64_t rows = gate_up.size(0), width = gate_up.size(1) / 2;
    Tensor out = at::empty({rows, width}, gate_up.options());
    with_type(gate_up.scalar_type(), [&](auto t) {
      using T = decltype(t);
      kernels::swiglu<T>(data<T>(gate_up), rows, width, data<T>(out));
    });
    return out;
  }

  Tensor swiglu_backward(const Tensor& gate_up, const Tensor& gradient) const override {
    Tensor result = at::empty_like(gate_up);
    with_type(gate_up.scalar_type(), [&](auto t) {
      using T = decltype(t);
      kernels::swiglu_backward<T>(data<T>(gate_up), data<T>(gradient), gate_up.size(0), gate_up.size(1) / 2,
                                  data<T>(result));
    });
    return result;
  }

  CrossEntropy cross_entropy(Tensor logits, const Tensor& targets, const Tensor& weights, double scale,
                             bool with_gradient) const override {
    kernels::LossSums sums;
    with_type(logits.scalar_type(), [&](auto t) {
      using T = decltype(t);
      sums =
          kernels::cross_entropy<T>(data<T>(logits), data<std::int64_t>(targets), data<float>(weights),
                                    logits.size(0), logits.size(1), static_cast<float>(scale), with_gradient);
    });
    return {with_gradient ? std::move(logits) : Tensor(), sums.loss, sums.correct};
  }
};

}  // namespace

const Ops& fused_ops() {
  static const FusedOps ops;
  return ops;
}

}  // namespace samara::lm
