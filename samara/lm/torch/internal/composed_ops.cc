#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "samara/lm/torch/internal/ops.h"

namespace samara::lm {
namespace {

using at::Tensor;

Tensor leaf(const Tensor& tensor) {
  return tensor.detach().requires_grad_();
}

/// Gradients at `inputs` of what `outputs` give, whose gradients are `gradients`; undefined ones are skipped.
std::vector<Tensor> derive(const std::vector<Tensor>& outputs, const std::vector<Tensor>& gradients,
                           const std::vector<Tensor>& inputs) {
  return torch::autograd::grad(outputs, inputs, gradients);
}

class ComposedOps final : public Ops {
 public:
  Normed add_norm(const Tensor& x, const Tensor& delta, const Tensor& weight, double eps,
                  at::ScalarType type) const override {
    const Tensor sum = delta.defined() ? x + delta : x;
    return {sum, norm(sum, weight, eps, type), Tensor()};
  }

  NormGradients add_norm_backward(const Normed& forward, const Tensor& weight, double eps,
                                  const Tensor& gradient, const Tensor& past,
                                  bool with_delta) const override {
    const at::AutoGradMode on(true);
    const Tensor sum = leaf(forward.sum), w = leaf(weight);
    const auto gradients = derive({norm(sum, w, eps, gradient.scalar_type())}, {gradient}, {sum, w});
    const Tensor x = past.defined() ? gradients[0] + past : gradients[0];
    return {x, with_delta ? x.to(gradient.scalar_type()) : Tensor(), gradients[1]};
  }

  std::vector<Tensor> split_heads(const Tensor& projected, std::span<const HeadKind> kinds,
                                  std::int64_t first_column, const Places& places) const override {
    const std::int64_t columns = projected.size(0) / places.rows;
    const Tensor features = projected.view({places.rows, columns, projected.size(1)});
    const Tensor column = at::arange(first_column, first_column + columns, places.starts.options());
    const Tensor positions = (column.unsqueeze(0) - places.starts.unsqueeze(1)).clamp_min(0).to(at::kLong);
    const auto angles = [&](const Tensor& table) {  // (rows, columns, 1, dim / 2)
      return table.index_select(0, positions.flatten()).view({places.rows, columns, 1, table.size(1)});
    };
    std::vector<Tensor> split;
    for (const HeadKind& kind : kinds) {
      const std::int64_t all_heads = kind.groups * kind.heads;
      Tensor heads = features.narrow(2, kind.offset, all_heads * kind.dim)
                         .reshape({places.rows, columns, all_heads, kind.dim})
                         .to(at::kFloat);
      if (kind.rotated) {
        const Tensor c = angles(places.cosines), s = angles(places.sines);
        const Tensor a = heads.narrow(3, 0, kind.dim / 2), b = heads.narrow(3, kind.dim / 2, kind.dim / 2);
        heads = at::cat({a * c - b * s, b * c + a * s}, 3);
      }
      split.push_back((heads * kind.scale)
                          .to(projected.scalar_type())
                          .view({places.rows, columns, kind.groups, kind.heads * kind.dim})
                          .transpose(1, 2)
                          .reshape({places.rows * kind.groups, columns * kind.heads, kind.dim}));
    }
    return split;
  }

  Tensor split_heads_backward(std::span<const Tensor> gradients, std::span<const HeadKind> kinds,
                              std::int64_t first_column, const Places& places) const override {
    const at::AutoGradMode on(true);
    const std::int64_t columns = gradients[0].size(1) / kinds[0].heads;
    std::int64_t features = 0;
    for (const HeadKind& kind : kinds) features += kind.groups * kind.heads * kind.dim;
    const Tensor projected = leaf(at::zeros({places.rows * columns, features}, gradients[0].options()));
    return derive(split_heads(projected, kinds, first_column, places), {gradients.begin(), gradients.end()},
                  {projected})[0];
  }

  Attended attention(const Tensor& q, const Tensor& k, const Tensor& v, std::int64_t heads,
                     const Places& places) const override {
    return {attend(q, k, v, heads, places), {}};
  }

  AttentionGradients attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                        const Attended& /*forward*/, const Tensor& gradient,
                                        std::int64_t heads, const Places& places) const override {
    const at::AutoGradMode on(true);
    const Tensor q1 = leaf(q), k1 = leaf(k), v1 = leaf(v);
    const auto gradients = derive({attend(q1, k1, v1, heads, places)}, {gradient}, {q1, k1, v1});
    return {gradients[0], gradients[1], gradients[2]};
  }

  Tensor swiglu(const Tensor& gate_up) const override {
    const std::int64_t width = gate_up.size(-1) / 2;
    return at::silu(gate_up.narrow(-1, 0, width)) * gate_up.narrow(-1, width, width);
  }

  Tensor swiglu_backward(const Tensor& gate_up, const Tensor& gradient) const override {
    const at::AutoGradMode on(true);
    const Tensor input = leaf(gate_up);
    return derive({swiglu(input)}, {gradient}, {input})[0];
  }

  CrossEntropy cross_entropy(Tensor logits, const Tensor& targets, const Tensor& weights, double scale,
                             bool with_gradient) const override {
    const at::AutoGradMode on(with_gradient);
    const Tensor input = with_gradient ? leaf(logits) : logits;
    const Tensor log_probabilities = at::log_softmax(input.to(at::kFloat), -1);
    const Tensor target = log_probabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
    const Tensor loss = (-target * weights).sum();
    const Tensor correct = (log_probabilities.argmax(-1).eq(targets) * weights).sum();
    return {with_gradient ? derive({loss * scale}, {Tensor()}, {input})[0] : Tensor(), loss.item<double>(),
            correct.item<double>()};
  }

 private:
  static Tensor norm(const Tensor& sum, const Tensor& weight, double eps, at::ScalarType type) {
    return (sum * at::rsqrt(sum.square().mean(-1, /*keepdim=*/true) + eps) * weight).to(type);
  }

  static Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, std::int64_t heads,
                       const Places& places) {
    const std::int64_t queries = q.size(1) / heads, keys = k.size(1), groups = k.size(0) / places.rows;
    const Tensor key = at::arange(keys, places.starts.options());
    const Tensor query = key.narrow(0, keys - queries, queries);
    const Tensor causal = key.unsqueeze(0).le(query.unsqueeze(1)).unsqueeze(0);        // (1, queries, keys)
    const Tensor real = key.unsqueeze(0).ge(places.starts.unsqueeze(1)).unsqueeze(1);  // (rows, 1, keys)
    const Tensor seen = causal.logical_and(real).repeat_interleave(groups, 0).unsqueeze(2);
    const Tensor scores = at::bmm(q, k.transpose(1, 2)).view({q.size(0), queries, heads, keys});
    // Padding sees nothing: its rows become uniform, then 0.
    const Tensor probabilities =
        at::softmax(scores.to(at::kFloat).masked_fill(seen.logical_not(), -1e30), -1).mul(seen);
    return at::bmm(probabilities.to(v.scalar_type()).view({q.size(0), queries * heads, keys}), v);
  }
};

}  // namespace

const Ops& composed_ops() {
  static const ComposedOps ops;
  return ops;
}

}  // namespace samara::lm
