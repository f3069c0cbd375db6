// The edge of this module: what must hold before torch sees a model and examples, and what torch throws.
#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <new>
#include <string>

#include "samara/base/result.h"
#include "samara/lm/model_config.h"
#include "samara/lm/train/examples.h"

namespace samara::lm {

/// Errors: kInvalidArgument for another vocabulary, or an example longer than the model's context.
Status check_examples(const ModelConfig& config, const ExampleSet& examples);

/// "cpu", "cuda" or "cuda:N". Errors: kInvalidArgument, kUnsupported where there is no such device.
Result<at::Device> find_device(const std::string& name);

/// f(), which returns a Result or Status; what it throws becomes an error.
template <typename F>
auto guarded(const F& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kInternal,
                      "the model and its batches do not fit in memory: try smaller micro batches");
  } catch (const std::exception& problem) {
    return make_error(ErrorCode::kInternal, "libtorch failed: {}", problem.what());
  }
}

}  // namespace samara::lm
