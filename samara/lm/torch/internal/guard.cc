#include "samara/lm/torch/internal/guard.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

namespace samara::lm {

Status check_examples(const ModelConfig& config, const ExampleSet& examples) {
  if (examples.vocab_size() > config.vocab_size) {
    return make_error(ErrorCode::kInvalidArgument,
                      "the examples use a vocabulary of {} tokens, the model has {}: encode them with the "
                      "model's own tokenizer",
                      examples.vocab_size(), config.vocab_size);
  }
  if (examples.longest() > config.max_positions) {
    return make_error(ErrorCode::kInvalidArgument,
                      "the longest example has {} tokens, the model's context only {}: leave long examples "
                      "out, or take a model with more max_position_embeddings",
                      examples.longest(), config.max_positions);
  }
  return {};
}

Result<at::Device> find_device(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  int index = 0;
  if (name.starts_with("cuda:") && name.size() > 5 && name.size() < 8 &&
      name.find_first_not_of("0123456789", 5) == std::string::npos) {
    index = std::stoi(name.substr(5));
  } else if (name != "cuda") {
    return make_error(ErrorCode::kInvalidArgument, "unknown device \"{}\": use cpu, cuda or cuda:N", name);
  }
  if (!at::globalContext().hasCUDA()) {
    return make_error(ErrorCode::kUnsupported,
                      "this libtorch finds no CUDA device: use the device cpu, or build against a libtorch "
                      "with CUDA (see docs/lm-training.md)");
  }
  const int count = at::detail::getCUDAHooks().getNumGPUs();
  if (index >= count) {
    return make_error(ErrorCode::kUnsupported, "there is no device {}: this machine has {} CUDA devices",
                      name, count);
  }
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

}  // namespace samara::lm
