// Checkpoint: a training on disk, from which it goes on as if nothing had happened. In its folder stand
// step-N/model (a Hugging Face folder, fp32), step-N/optimizer.safetensors and step-N/state.json; the newest
// complete one counts, and is written before the one before goes. See docs/lm-training.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "samara/base/result.h"
#include "samara/lm/model.h"

namespace samara::lm {

/// Where a training stands, besides its tensors.
struct TrainingState {
  std::string training;  ///< digest of start weights, examples and options that affect results
  std::uint64_t step = 0;
  std::uint64_t tokens = 0;
  std::uint32_t epoch = 0;   ///< number of the pass over the examples, both phases counted
  std::uint64_t batch = 0;   ///< next micro-batch in it
  bool short_phase = false;  ///< whether this pass is one over the short examples
  double seconds = 0.0;      ///< spent so far; for display alone
};

struct Checkpoint {
  TrainingState state;
  Tensors weights;
  Tensors optimizer;
};

/// @return the folder of this checkpoint. Errors: kIo.
Result<std::filesystem::path> write_checkpoint(const std::filesystem::path& folder,
                                               const TrainingState& state, const Model& model,
                                               const Tensors& optimizer);

/// The newest one, if there is any. Errors: kAlreadyExists where it belongs to another training;
/// kInvalidData; kIo.
Result<std::optional<Checkpoint>> read_checkpoint(const std::filesystem::path& folder,
                                                  const std::string& training);

}  // namespace samara::lm
