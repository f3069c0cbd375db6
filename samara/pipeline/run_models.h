// RunModels: the diff models of a run, one per generation. Generation 0 is the model that the run was made
// with; fine-tuning inside the run (diff.finetune_every) makes the next ones from what the archive accepted.
// They live in the run folder, models/0, models/1 ..., so a run needs nothing from outside to go on or be
// repeated. Which generation an iteration writes with, and what it was trained on, follows from the spec and
// the log alone. model_for() may be called from any thread, the rest from one.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "samara/lm/model.h"
#include "samara/mutation/diff/diff_operator.h"
#include "samara/pipeline/run_spec.h"
#include "samara/store/run_store.h"

namespace samara {

/// The folder of the model that comes with Samara.
std::filesystem::path bundled_model();

class RunModels : public diff::ModelSource {
 public:
  /// The model that the spec names, for a new run. Errors: those of load_model(), kUnsupported for a model
  /// that is no diff model.
  static Result<lm::Model> find(const RunSpec& spec);

  RunModels(std::filesystem::path run_folder, const RunSpec& spec);

  /// Generation of the iteration's model; iterations count from 1.
  std::uint32_t generation_of(std::uint32_t iteration) const;

  Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t iteration) override;
  std::filesystem::path folder_of(std::uint32_t generation) const;

  /// Whether the iteration's generation still has to be trained.
  bool lacks_model_for(std::uint32_t iteration) const;

 private:
  std::filesystem::path run_folder_;
  std::uint32_t finetune_every_;
  std::mutex mutex_;
  struct Loaded {
    std::uint32_t generation;
    std::shared_ptr<const lm::Model> model;
  };
  std::vector<Loaded> loaded_;  ///< the latest two
};

}  // namespace samara
