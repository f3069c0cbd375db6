// Parameter: one matrix or vector that training changes: fp32 on the device, beside its gradient. Projections
// that read the same input are stacked into one matrix, so that they are one product. Internal: this header
// includes torch.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "samara/lm/model.h"

namespace samara::lm {

struct Parameter {
  enum class Kind { kEmbedding, kMatrix, kHead, kVector };
  /// A tensor of the model: this many rows (elements of a vector) of the parameter.
  struct Part {
    std::string name;
    std::int64_t rows = 0;
  };
  Kind kind = Kind::kMatrix;
  std::vector<Part> parts;
  at::Tensor weights;   ///< fp32
  at::Tensor gradient;  ///< the same shape
};

/// Indices into Parameters::all.
struct LayerParameters {
  std::size_t norm1 = 0, qkv = 0, qkv_bias = 0, out = 0, norm2 = 0, gate_up = 0, down = 0;
};

struct Parameters {
  std::vector<Parameter> all;
  std::size_t embedding = 0, norm = 0, head = 0;  ///< head == embedding where they are tied
  std::vector<LayerParameters> layers;            ///< qkv_bias is meaningful with config.qkv_bias only

  /// Copies the tensors, which are those of tensor_shapes(config), to the device.
  static Parameters make(const ModelConfig& config, const Tensors& tensors, const at::Device& device);
  Tensors weights() const;
  Tensors gradients() const;
};

/// Between a tensor in memory and one on a device, both fp32.
at::Tensor to_device(const Tensor& tensor, const at::Device& device);
Tensor from_device(const at::Tensor& tensor);

}  // namespace samara::lm
