// RunModels: the diff models of a run, one per generation. Generation 0 is the model that the run was made
// with; fine-tuning inside the run (diff.finetune_every) makes the next ones from what the archive accepted.
// They live in the run folder, models/0, models/1 ..., so a run needs nothing from outside to go on or be
// repeated. Which generation an iteration writes with, and what it was trained on, follows from the spec and
// the log alone; the store names the digest of each iteration's model, and another one is refused.
// model_for() and digest_of() may be called from any thread, the rest from one.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
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

/// The digests of the models that wrote a run's iterations, by generation, as the store names them; see
/// lm::model_digest(). Iterations of earlier versions name none. Errors: the store's.
Result<std::map<std::uint32_t, std::string>> recorded_models(RunStore& store);

class RunModels : public diff::ModelSource {
 public:
  /// The folder of the model that the spec names, for a new run.
  static std::filesystem::path start_folder(const RunSpec& spec);
  /// The model that the spec names, for a new run. Errors: those of load_model(), kUnsupported for a model
  /// that is no diff model.
  static Result<lm::Model> find(const RunSpec& spec);

  RunModels(std::filesystem::path run_folder, const RunSpec& spec);

  /// Generation of the iteration's model; iterations count from 1.
  std::uint32_t generation_of(std::uint32_t iteration) const;

  /// Errors: those of load_model(); kInvalidData for another model than the one that the run had.
  Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t iteration) override;
  /// Digest of the iteration's model, which model_for() has given before.
  std::string digest_of(std::uint32_t iteration) const;
  std::filesystem::path folder_of(std::uint32_t generation) const;

  /// Holds the models to these digests, now and when they are loaded later. Tuned ones may be missing, as
  /// they can be made anew. Errors: those of load_model(); kInvalidData, kNotFound with a model that is
  /// another one or missing.
  Status check(const std::map<std::uint32_t, std::string>& recorded);

  /// Whether the iteration's generation still has to be trained.
  bool lacks_model_for(std::uint32_t iteration) const;

 private:
  Result<std::shared_ptr<const lm::Model>> model_of(std::uint32_t generation);

  std::filesystem::path run_folder_;
  std::uint32_t finetune_every_;
  mutable std::mutex mutex_;
  struct Loaded {
    std::uint32_t generation;
    std::shared_ptr<const lm::Model> model;
  };
  std::vector<Loaded> loaded_;                    ///< the latest two
  std::map<std::uint32_t, std::string> digests_;  ///< by generation: recorded, or seen when it was loaded
};

}  // namespace samara
