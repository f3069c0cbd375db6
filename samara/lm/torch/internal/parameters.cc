#include "samara/lm/torch/internal/parameters.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "samara/base/check.h"

namespace samara::lm {
namespace {

Tensors collect(const Parameters& parameters, at::Tensor Parameter::*which) {
  Tensors tensors;
  for (const Parameter& parameter : parameters.all) {
    std::int64_t row = 0;
    for (const Parameter::Part& part : parameter.parts) {
      tensors[part.name] = from_device((parameter.*which).narrow(0, row, part.rows));
      row += part.rows;
    }
  }
  return tensors;
}

}  // namespace

at::Tensor to_device(const Tensor& tensor, const at::Device& device) {
  const std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
  at::Tensor host = at::empty(shape, at::kFloat);
  SAMARA_CHECK(static_cast<std::size_t>(host.numel()) == tensor.values.size());
  std::copy(tensor.values.begin(), tensor.values.end(), host.data_ptr<float>());
  return host.to(device);
}

Tensor from_device(const at::Tensor& tensor) {
  const at::Tensor host = tensor.to(at::kCPU).contiguous();
  const float* values = host.data_ptr<float>();
  return {{host.sizes().begin(), host.sizes().end()}, {values, values + host.numel()}};
}

Parameters Parameters::make(const ModelConfig& config, const Tensors& tensors, const at::Device& device) {
  Parameters result;
  const auto add = [&](Parameter::Kind kind, const std::vector<std::string>& names) {
    Parameter parameter;
    parameter.kind = kind;
    std::vector<at::Tensor> stacked;
    for (const std::string& name : names) {
      stacked.push_back(to_device(tensors.at(name), device));
      parameter.parts.push_back({name, stacked.back().size(0)});
    }
    parameter.weights = at::cat(stacked, 0).contiguous();
    parameter.gradient = at::zeros_like(parameter.weights);
    result.all.push_back(std::move(parameter));
    return result.all.size() - 1;
  };
  using Kind = Parameter::Kind;
  result.embedding = add(Kind::kEmbedding, {"model.embed_tokens.weight"});
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    const std::string at = fmt::format("model.layers.{}.", layer);
    const std::string attention = at + "self_attn.", mlp = at + "mlp.";
    LayerParameters indices;
    indices.norm1 = add(Kind::kVector, {at + "input_layernorm.weight"});
    indices.qkv = add(Kind::kMatrix, {attention + "q_proj.weight", attention + "k_proj.weight",
                                      attention + "v_proj.weight"});
    if (config.qkv_bias) {
      indices.qkv_bias = add(
          Kind::kVector, {attention + "q_proj.bias", attention + "k_proj.bias", attention + "v_proj.bias"});
    }
    indices.out = add(Kind::kMatrix, {attention + "o_proj.weight"});
    indices.norm2 = add(Kind::kVector, {at + "post_attention_layernorm.weight"});
    indices.gate_up = add(Kind::kMatrix, {mlp + "gate_proj.weight", mlp + "up_proj.weight"});
    indices.down = add(Kind::kMatrix, {mlp + "down_proj.weight"});
    result.layers.push_back(indices);
  }
  result.norm = add(Kind::kVector, {"model.norm.weight"});
  result.head = config.tie_embeddings ? result.embedding : add(Kind::kHead, {"lm_head.weight"});
  return result;
}

Tensors Parameters::weights() const {
  return collect(*this, &Parameter::weights);
}

Tensors Parameters::gradients() const {
  return collect(*this, &Parameter::gradient);
}

}  // namespace samara::lm
