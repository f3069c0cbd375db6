// Model: a decoder with its weights and tokenizer, and the Hugging Face folder that it lives in: config.json,
// model.safetensors (or the shards that model.safetensors.index.json names), tokenizer.json, and
// generation_config.json where there is one. Whatever is in a Model has been checked: every tensor that the
// config calls for is there, has its shape and is finite. Shared between engines as shared_ptr<const Model>.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "samara/base/result.h"
#include "samara/base/rng.h"
#include "samara/lm/model_config.h"
#include "samara/lm/tensor.h"
#include "samara/lm/tokenizer.h"

namespace samara::lm {

/// How a model is best sampled; what is not said is up to whoever samples.
struct SamplingAdvice {
  std::optional<double> temperature;  ///< 0 to 100
  std::optional<double> top_p;        ///< 0 to 1
};

struct Model {
  ModelConfig config;
  Tensors tensors;  ///< exactly those of tensor_shapes(config)
  Tokenizer tokenizer;
  SamplingAdvice sampling = {};
};

/// Name and shape of every tensor of such a model; "lm_head.weight" only where embeddings are not tied.
std::map<std::string, std::vector<std::uint64_t>> tensor_shapes(const ModelConfig& config);

/// Errors: kNotFound, kIo, kInvalidData, kUnsupported; the message names the file and the next step.
Result<Model> load_model(const std::filesystem::path& folder);

/// Writes the folder (made where missing) so that a kill in between leaves the old model or the new one
/// readable; other files in the folder stay. Errors: kIo; kInvalidArgument for tensors that are not those of
/// the config or that the type cannot hold.
Status save_model(const Model& model, const std::filesystem::path& folder, DataType type = DataType::kBF16);

/// Fresh weights: embeddings N(0, 1), matrices N(0, 1/fan_in), those that write into the residual stream
/// divided by sqrt(2 layers), norms 1, biases 0. A pure function of config and seed.
Tensors random_weights(const ModelConfig& config, std::uint64_t seed);

/// SHA-256 in hexadecimal over config, tensors (as bf16) and tokenizer, not the advice for sampling.
std::string model_digest(const Model& model);

}  // namespace samara::lm
