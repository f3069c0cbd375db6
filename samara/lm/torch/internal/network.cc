#include "samara/lm/torch/internal/network.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <array>
#include <cmath>

#include "samara/base/check.h"
#include "samara/lm/torch/internal/products.h"

namespace samara::lm {
namespace {

/// (max_positions, head_dim / 2) cosines and sines of position * theta^(-2i/dim).
std::pair<at::Tensor, at::Tensor> rotary_tables(const ModelConfig& config, const at::Device& device) {
  const std::int64_t positions = config.max_positions, half = config.head_dim / 2;
  const at::Tensor cosines = at::empty({positions, half}, at::kFloat), sines = at::empty_like(cosines);
  for (std::int64_t i = 0; i < half; ++i) {
    const double frequency =
        std::pow(config.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(config.head_dim));
    for (std::int64_t position = 0; position < positions; ++position) {
      const double angle = static_cast<double>(position) * frequency;
      cosines.data_ptr<float>()[position * half + i] = static_cast<float>(std::cos(angle));
      sines.data_ptr<float>()[position * half + i] = static_cast<float>(std::sin(angle));
    }
  }
  return {cosines.to(device), sines.to(device)};
}

template <typename T>
at::Tensor upload(const std::vector<T>& values, at::ScalarType type, const at::Device& device) {
  const auto size = static_cast<std::int64_t>(values.size());
  return at::from_blob(const_cast<T*>(values.data()), {size}, at::TensorOptions(type))
      .to(device, type, false,
          /*copy=*/true);
}

/// x (n, in) times matrix (out, in) transposed.
at::Tensor project_rows(const at::Tensor& x, const at::Tensor& matrix) {
  return at::mm(x, matrix.t());
}
/// Gradient of that matrix.
at::Tensor matrix_gradient(const at::Tensor& gradient, const at::Tensor& x) {
  return transposed_product(gradient, x);
}

/// The last `count` columns of a (rows * columns, width) tensor, as (rows * count, width).
at::Tensor last_columns(const at::Tensor& x, const Places& places, std::int64_t count) {
  return x.view({places.rows, places.columns, x.size(1)})
      .narrow(1, places.columns - count, count)
      .reshape({places.rows * count, x.size(1)});
}

/// Adds `part` to the last columns of x, in place.
void add_to_last_columns(const at::Tensor& x, const at::Tensor& part, const Places& places) {
  const std::int64_t count = part.size(0) / places.rows;
  x.view({places.rows, places.columns, x.size(1)})
      .narrow(1, places.columns - count, count)
      .add_(part.view({places.rows, count, x.size(1)}));
}

/// Between (rows * groups, columns * heads, dim), as attention has it, and (rows * columns, features).
at::Tensor merge_heads(const at::Tensor& split, const HeadKind& kind, std::int64_t rows) {
  const std::int64_t columns = split.size(1) / kind.heads;
  return split.view({rows, kind.groups, columns, kind.heads * kind.dim})
      .transpose(1, 2)
      .reshape({rows * columns, kind.groups * kind.heads * kind.dim});
}
at::Tensor unmerge_heads(const at::Tensor& merged, const HeadKind& kind, std::int64_t rows) {
  const std::int64_t columns = merged.size(0) / rows;
  return merged.view({rows, columns, kind.groups, kind.heads * kind.dim})
      .transpose(1, 2)
      .reshape({rows * kind.groups, columns * kind.heads, kind.dim});
}

HeadKind at_offset(HeadKind kind, std::int64_t offset) {
  kind.offset = offset;
  return kind;
}

}  // namespace

/// What a layer's derivative needs of its forward pass. Query rows are all positions, except in the last
/// layer.
struct Network::Layer {
  Normed norm1;
  at::Tensor query_input;         // rows of norm1.normed that have queries
  std::vector<at::Tensor> heads;  // q, k, v
  Attended attended;
  at::Tensor merged;  // (query rows, features)
  Normed norm2;
  at::Tensor gate_up, activated;
};

struct Network::Pass {
  Places places;
  std::int64_t tail = 0;
  at::Tensor tokens, counted;
  std::vector<Layer> layers;
  Normed norm;
  at::Tensor chosen;  // rows of norm.normed that count
  at::Tensor logits;
};

Network::Network(const ModelConfig& config, const Tensors& tensors, Precision precision,
                 const at::Device& device, int threads, bool composed)
    : config_(config),
      device_(device),
      type_(precision == Precision::kBF16 ? at::kBFloat16 : at::kFloat),
      ops_(device.is_cpu() && !composed ? fused_ops() : composed_ops()),
      parameters_(Parameters::make(config, tensors, device)),
      team_(device.is_cpu() ? threads : 1) {
  // A step's batches are shared between threads; inside of a batch there is one.
  if (device.is_cpu()) at::set_num_threads(1);
  std::tie(cosines_, sines_) = rotary_tables(config, device);
  const std::int64_t dim = config.head_dim, groups = config.kv_heads, per_group = config.heads / groups;
  const std::int64_t q_width = config.heads * dim, kv_width = groups * dim;
  kinds_ = {{0, groups, per_group, dim, true, 1.0 / std::sqrt(static_cast<double>(dim))},
            {q_width, groups, 1, dim, true, 1.0},
            {q_width + kv_width, groups, 1, dim, false, 1.0}};
  refresh();
}

void Network::refresh() {
  compute_.clear();
  for (const Parameter& parameter : parameters_.all) compute_.push_back(parameter.weights.to(type_));
}

Network::Pass Network::forward(const Batch& batch) const {
  const at::NoGradGuard no_autograd;
  Pass pass;
  pass.places = {batch.rows, batch.columns, upload(batch.starts, at::kInt, device_), cosines_, sines_};
  pass.tail = batch.tail;
  pass.tokens = upload(batch.tokens, at::kLong, device_);
  pass.counted = upload(batch.counted, at::kLong, device_);
  const Places& places = pass.places;
  const HeadKind &queries = kinds_[0], &keys = kinds_[1], &values = kinds_[2];

  at::Tensor x = vector(parameters_.embedding).index_select(0, pass.tokens);
  at::Tensor delta;  // what the residual stream gets next
  for (std::size_t l = 0; l < parameters_.layers.size(); ++l) {
    const LayerParameters& at = parameters_.layers[l];
    const bool shortened = l + 1 == parameters_.layers.size() && pass.tail < places.columns;
    Layer& layer = pass.layers.emplace_back();
    layer.norm1 = ops_.add_norm(x, delta, vector(at.norm1), config_.rms_norm_eps, type_);
    x = layer.norm1.sum;
    const at::Tensor& qkv = matrix(at.qkv);
    const auto project = [&](const at::Tensor& input, std::int64_t from, std::int64_t width) {
      at::Tensor out = project_rows(input, qkv.narrow(0, from, width));
      if (config_.qkv_bias) out.add_(matrix(at.qkv_bias).narrow(0, from, width));
      return out;
    };
    if (shortened) {
      const std::int64_t first = places.columns - pass.tail;
      x = last_columns(x, places, pass.tail);
      layer.query_input = last_columns(layer.norm1.normed, places, pass.tail);
      layer.heads =
          ops_.split_heads(project(layer.query_input, 0, keys.offset), std::array{queries}, first, places);
      const std::array pair{at_offset(keys, 0), at_offset(values, values.offset - keys.offset)};
      for (at::Tensor& heads : ops_.split_heads(
               project(layer.norm1.normed, keys.offset, qkv.size(0) - keys.offset), pair, 0, places)) {
        layer.heads.push_back(std::move(heads));
      }
    } else {
      layer.query_input = layer.norm1.normed;
      layer.heads = ops_.split_heads(project(layer.query_input, 0, qkv.size(0)), kinds_, 0, places);
    }
    layer.attended = ops_.attention(layer.heads[0], layer.heads[1], layer.heads[2], queries.heads, places);
    layer.merged = merge_heads(layer.attended.out, queries, places.rows);
    delta = project_rows(layer.merged, matrix(at.out));
    layer.norm2 = ops_.add_norm(x, delta, vector(at.norm2), config_.rms_norm_eps, type_);
    x = layer.norm2.sum;
    layer.gate_up = project_rows(layer.norm2.normed, matrix(at.gate_up));
    layer.activated = ops_.swiglu(layer.gate_up);
    delta = project_rows(layer.activated, matrix(at.down));
  }
  pass.norm = ops_.add_norm(x, delta, vector(parameters_.norm), config_.rms_norm_eps, type_);
  pass.chosen = pass.norm.normed.index_select(0, pass.counted);
  pass.logits = project_rows(pass.chosen, matrix(parameters_.head));
  return pass;
}

LossTotals Network::finish(Pass& pass, const Batch& batch, double scale,
                           std::vector<at::Tensor>* gradients) const {
  const at::NoGradGuard no_autograd;
  CrossEntropy entropy =
      ops_.cross_entropy(std::move(pass.logits), upload(batch.targets, at::kLong, device_),
                         upload(batch.weights, at::kFloat, device_), scale, gradients != nullptr);
  if (gradients != nullptr) backward(pass, entropy.gradient, *gradients);
  return {entropy.loss, entropy.correct, batch.total_weight};
}

void Network::backward(Pass& pass, at::Tensor gradient, std::vector<at::Tensor>& gradients) const {
  const Places& places = pass.places;
  const HeadKind &queries = kinds_[0], &keys = kinds_[1], &values = kinds_[2];
  gradients.assign(parameters_.all.size(), at::Tensor());

  const at::Tensor head = matrix_gradient(gradient, pass.chosen);
  const at::Tensor normed = at::zeros_like(pass.norm.normed)
                                .index_copy_(0, pass.counted, at::mm(gradient, matrix(parameters_.head)));
  // x: gradient of the residual stream; delta: the same in the activations' type, for what was added last.
  NormGradients down = ops_.add_norm_backward(pass.norm, vector(parameters_.norm), config_.rms_norm_eps,
                                              normed, at::Tensor(), true);
  gradients[parameters_.norm] = down.weight;
  for (std::size_t l = pass.layers.size(); l-- > 0;) {
    const LayerParameters& at = parameters_.layers[l];
    Layer layer = std::move(pass.layers[l]);  // its memory is free for the next layer
    gradients[at.down] = matrix_gradient(down.delta, layer.activated);
    const at::Tensor gate_up = ops_.swiglu_backward(layer.gate_up, at::mm(down.delta, matrix(at.down)));
    gradients[at.gate_up] = matrix_gradient(gate_up, layer.norm2.normed);
    down = ops_.add_norm_backward(layer.norm2, vector(at.norm2), config_.rms_norm_eps,
                                  at::mm(gate_up, matrix(at.gate_up)), down.x, true);
    gradients[at.norm2] = down.weight;

    gradients[at.out] = matrix_gradient(down.delta, layer.merged);
    const AttentionGradients heads = ops_.attention_backward(
        layer.heads[0], layer.heads[1], layer.heads[2], layer.attended,
        unmerge_heads(at::mm(down.delta, matrix(at.out)), queries, places.rows), queries.heads, places);
    const at::Tensor& qkv = matrix(at.qkv);
    const auto into_norm = [&](const at::Tensor& projected, std::int64_t from) {
      return at::mm(projected, qkv.narrow(0, from, projected.size(1)));
    };
    at::Tensor normed1, past = down.x;
    if (layer.query_input.size(0) != layer.norm1.normed.size(0)) {  // the shortened last layer
      const std::int64_t first = places.columns - pass.tail;
      const at::Tensor q = ops_.split_heads_backward(std::array{heads.q}, std::array{queries}, first, places);
      const std::array pair{at_offset(keys, 0), at_offset(values, values.offset - keys.offset)};
      const at::Tensor kv = ops_.split_heads_backward(std::array{heads.k, heads.v}, pair, 0, places);
      gradients[at.qkv] =
          at::cat({matrix_gradient(q, layer.query_input), matrix_gradient(kv, layer.norm1.normed)}, 0);
      if (config_.qkv_bias) {
        gradients[at.qkv_bias] = at::cat({q.sum(0, false, at::kFloat), kv.sum(0, false, at::kFloat)}, 0);
      }
      normed1 = into_norm(kv, keys.offset);
      add_to_last_columns(normed1, into_norm(q, 0), places);
      past = at::zeros_like(layer.norm1.sum);
      add_to_last_columns(past, down.x, places);
    } else {
      const at::Tensor projected =
          ops_.split_heads_backward(std::array{heads.q, heads.k, heads.v}, kinds_, 0, places);
      gradients[at.qkv] = matrix_gradient(projected, layer.norm1.normed);
      if (config_.qkv_bias) gradients[at.qkv_bias] = projected.sum(0, false, at::kFloat);
      normed1 = into_norm(projected, 0);
    }
    down = ops_.add_norm_backward(layer.norm1, vector(at.norm1), config_.rms_norm_eps, normed1, past, l > 0);
    gradients[at.norm1] = down.weight;
  }
  gradients[parameters_.embedding] =
      at::embedding_dense_backward(down.x, pass.tokens, config_.vocab_size, /*padding_idx=*/-1, false);
  if (parameters_.head == parameters_.embedding) {
    gradients[parameters_.embedding].add_(head);
  } else {
    gradients[parameters_.head] = head;
  }
}

LossTotals Network::differentiate(std::span<const Batch> batches) {
  double weight = 0.0;
  for (const Batch& batch : batches) weight += batch.total_weight;
  for (Parameter& parameter : parameters_.all) parameter.gradient.zero_();
  LossTotals totals;
  std::vector<std::pair<LossTotals, std::vector<at::Tensor>>> results(batches.size());
  team_.run(
      batches.size(),
      [&](std::size_t i) {
        at::init_num_threads();
        Pass pass = forward(batches[i]);
        results[i].first = finish(pass, batches[i], 1.0 / weight, &results[i].second);
      },
      [&](std::size_t i) {
        const at::NoGradGuard no_autograd;
        for (std::size_t p = 0; p < parameters_.all.size(); ++p) {
          parameters_.all[p].gradient.add_(results[i].second[p]);
        }
        totals.loss += results[i].first.loss;
        totals.correct += results[i].first.correct;
        totals.weight += results[i].first.weight;
        results[i].second.clear();
      });
  return totals;
}

LossTotals Network::measure(std::span<const Batch> batches) {
  LossTotals totals;
  std::vector<LossTotals> results(batches.size());
  team_.run(
      batches.size(),
      [&](std::size_t i) {
        at::init_num_threads();
        Pass pass = forward(batches[i]);
        results[i] = finish(pass, batches[i], 1.0, nullptr);
      },
      [&](std::size_t i) {
        totals.loss += results[i].loss;
        totals.correct += results[i].correct;
        totals.weight += results[i].weight;
      });
  return totals;
}

Tensor Network::logits(const Batch& batch) {
  return from_device(forward(batch).logits.to(at::kFloat));
}

}  // namespace samara::lm
