// PackedModel: a model's weights as the sampler wants them, made once and shared by the engines of all
// threads, and what these keep of the prompts they have read. Read cpu_generator.h next. The weights are
// immutable; const is safe to call concurrently.
#pragma once

#include <memory>
#include <optional>

#include "samara/base/result.h"
#include "samara/lm/model_config.h"
#include "samara/lm/tensor.h"

namespace samara::lm {

namespace cpu {
struct ModelParts;
class PrefixCache;
}  // namespace cpu

class PackedModel {
 public:
  static constexpr std::size_t kPrefixCacheBytes = std::size_t{1} << 30;

  /// @param tensors   those of tensor_shapes(config); not needed afterwards
  /// @param precision of weights, activations between matrix products, keys and values: kBF16 or kF32; by
  ///                  default kBF16 where cpu_has_bf16()
  /// @param prefix_cache_bytes what is kept of prompts, by all engines together, takes at most; a request
  ///                           yields the same whatever it is
  /// Errors: kUnsupported where this processor cannot sample in that precision, or for a model so wide that
  /// 16 tokens at a time would take more than 256 MiB of buffers; kInvalidData for a config that validate()
  /// would refuse.
  static Result<std::shared_ptr<const PackedModel>> make(const ModelConfig& config, const Tensors& tensors,
                                                         std::optional<DataType> precision = {},
                                                         std::size_t prefix_cache_bytes = kPrefixCacheBytes);
  PackedModel(std::unique_ptr<const cpu::ModelParts> parts, std::size_t prefix_cache_bytes);
  ~PackedModel();

  const ModelConfig& config() const;
  DataType precision() const;
  /// The kernels in use: "avx512-bf16", "avx512", "avx2" or "plain".
  const char* kernels() const;
  const cpu::ModelParts& parts() const { return *parts_; }
  cpu::PrefixCache& prefixes() const { return *prefixes_; }

 private:
  std::unique_ptr<const cpu::ModelParts> parts_;
  std::unique_ptr<cpu::PrefixCache> prefixes_;
};

}  // namespace samara::lm
