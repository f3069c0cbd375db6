// Run: a run folder and everything that its spec calls for: domain, niche map, operator, workers. The way in
// for the command line and for programs that embed Samara. Read run_spec.h before and evolve/evolution.h
// after. What it makes is a function of the spec. One thread at a time.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "samara/archive/archive.h"
#include "samara/base/sha256.h"
#include "samara/domain/domain.h"
#include "samara/evolve/evolution.h"
#include "samara/lm/train/training.h"
#include "samara/mutation/prompt/correspondence.h"
#include "samara/pipeline/run_models.h"
#include "samara/pipeline/run_spec.h"
#include "samara/sandbox/python_runner.h"
#include "samara/store/run_store.h"

namespace samara {

/// What makes two runs the same run: SHA-256, in hexadecimal, of the digests of log and archive.
std::string run_digest(const Sha256Digest& log, const Archive& archive);

class Run {
 public:
  /// Makes the folder and an empty store in it. Errors: kInvalidArgument, and those of RunStore::create.
  static Result<Run> create(const std::filesystem::path& folder, const RunSpec& spec);
  /// Opens what create() made. Errors: those of RunStore::open; kInvalidData when the stored spec is not one;
  /// to write, those of check_task() and check_models().
  static Result<Run> open(const std::filesystem::path& folder, Access access);

  /// Makes a run that evolves the one in `from` anew from its recorded replies. Errors: those of create();
  /// kNotFound when there are none.
  static Result<Run> create_replay(const std::filesystem::path& folder, const std::filesystem::path& from);

  const RunSpec& spec() const { return spec_; }
  RunStore& store() { return store_; }
  const Domain& domain() const { return *domain_; }

  /// Whether the run's copy of its task is what the run began with. Errors: kInvalidData, with a file that is
  /// not. Runs of Samara versions that took no digests pass.
  Status check_task() const;
  /// Whether the run's models are those that its iterations were written with. Errors: those of
  /// RunModels::check(). Iterations of Samara versions that took no digests pass.
  Status check_models();

  /// The state of the run before its first record.
  RunState empty_state() const;
  /// The state that the whole log folds to. Errors: those of fold_log().
  Result<RunState> state();

  struct Limits {
    std::uint32_t iterations = 0;    ///< of the whole run
    double max_seconds = 0.0;        ///< of this call; 0: no limit
    unsigned workers = 0;            ///< 0: one per core
    bool allow_uncontained = false;  ///< also if the spec does not say so
    StopOptions stop = {};           ///< see stop_options(spec)
    bool replay = false;             ///< takes every reply from the run's journal and asks no endpoint
    /// Changes what of [prompt] does not affect results: endpoint, key, budgets; may be empty.
    std::function<void(PromptSpec&)> adjust_prompt = {};
  };

  /// Hears of fine-tuning inside the run: the generation that is being trained, and how far it is.
  using TrainingObserver = std::function<void(std::uint32_t generation, const lm::TrainingProgress&)>;

  /// Carries the run on. `state` is an empty one and becomes that of the whole log. Errors: those of evolve()
  /// and of PythonRunner::start().
  Result<EvolutionEnd> evolve(RunState& state, const Limits& limits, const IterationObserver& observe,
                              const std::atomic<bool>& stop, const TrainingObserver& observe_training = {},
                              const endpoint::Client::Observer& observe_prompt = {});

  /// Requests, tokens and money so far, while evolve() is under way with the operator `prompt`.
  std::optional<prompt::Correspondence::Figures> prompt_figures() const;

  /// run_digest() of the whole log and the archive that it folds to.
  Result<std::string> digest(const RunState& state);

 private:
  /// Loads the model of the iteration's generation; trains it where it is missing.
  Status prepare(std::uint32_t iteration, const Limits& limits, const TrainingObserver& observe,
                 const std::atomic<bool>& stop);
  Status train(std::uint32_t generation, const Limits& limits, const TrainingObserver& observe,
               const std::atomic<bool>& stop);

  Run(RunSpec spec, RunStore store, std::unique_ptr<Domain> domain, std::shared_ptr<const NicheMap> niche_map,
      ArmMixture mixture);

  RunSpec spec_;
  RunStore store_;
  std::unique_ptr<Domain> domain_;
  std::shared_ptr<const NicheMap> niche_map_;
  std::shared_ptr<RunModels> models_;
  std::shared_ptr<prompt::Correspondence> correspondence_;  ///< during evolve()
  ArmMixture mixture_;                                      // as before the first record
};

}  // namespace samara
