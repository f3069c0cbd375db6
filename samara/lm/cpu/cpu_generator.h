// The fast sampler: a Generator for one core. It decodes several sequences together (continuous batching: a
// request takes the place of one that has finished), reads equal prompts once, and keeps what it has read of
// prompts' reusable prefixes with the model, where the other generators find it. Read packed_model.h first;
// docs/lm-sampler.md has the figures. Deterministic as generator.h says: also across batches, slots, caches
// and threads; between kinds of processors, and between precisions, the last bits of logits differ. One
// thread per generator; generators share a PackedModel.
#pragma once

#include <memory>

#include "samara/lm/cpu/packed_model.h"
#include "samara/lm/generator.h"

namespace samara::lm {

/// Changes nothing of what a request yields.
struct CpuGeneratorOptions {
  std::size_t slots = 48;  ///< sequences decoded together, at least 1
};

/// Errors: kInvalidArgument for no slots.
Result<std::unique_ptr<Generator>> make_cpu_generator(std::shared_ptr<const PackedModel> model,
                                                      const CpuGeneratorOptions& options = {});

}  // namespace samara::lm
