// PackedModel: a model's weights as the sampler wants them, made once and shared by the engines of all
// threads. Read cpu_generator.h next. Immutable; const is safe to call concurrently.
#pragma once

#include <memory>
#include <optional>

#include "samara/base/result.h"
#include "samara/lm/model_config.h"
#include "samara/lm/tensor.h"

namespace samara::lm {

namespace cpu {
struct ModelParts;
}

class PackedModel {
 public:
  /// @param tensors   those of tensor_shapes(config); not needed afterwards
  /// @param precision of weights, activations between matrix products, keys and values: kBF16 or kF32; by
  ///                  default kBF16 where cpu_has_bf16()
  /// Errors: kUnsupported where this processor cannot sample in that precision, or for a model so wide that
  /// 16 tokens at a time would take more than 256 MiB of buffers; kInvalidData for a config that validate()
  /// would refuse.
  static Result<std::shared_ptr<const PackedModel>> make(const ModelConfig& config, const Tensors& tensors,
                                                         std::optional<DataType> precision = {});
  explicit PackedModel(std::unique_ptr<const cpu::ModelParts> parts);
  ~PackedModel();

  const ModelConfig& config() const;
  DataType precision() const;
  /// The kernels in use: "avx512-bf16", "avx512", "avx2" or "plain".
  const char* kernels() const;
  const cpu::ModelParts& parts() const { return *parts_; }

 private:
  std::unique_ptr<const cpu::ModelParts> parts_;
};

}  // namespace samara::lm
