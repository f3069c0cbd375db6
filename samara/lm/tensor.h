// Tensor: named parameters between files and engines: fp32, row-major, in memory. Engines convert to their
// own layouts once, when they are made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace samara::lm {

struct Tensor {
  std::vector<std::uint64_t> shape;  ///< outermost first
  std::vector<float> values;         ///< product(shape) of them, row-major
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// By Hugging Face's names, e.g. "model.layers.0.self_attn.q_proj.weight" of shape (heads * head_dim,
/// hidden).
using Tensors = std::map<std::string, Tensor>;

/// How a tensor is stored in a file.
enum class DataType { kF32, kF16, kBF16 };

}  // namespace samara::lm
