// The parts of the operator `prompt` that a RunSpec names: its arms and forms, its models and who chooses
// among them, and its correspondence with the endpoint. parts.h has those of the other operators. Everything
// here is a function of the spec, the run folder and, for the choice of models, of the log.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "samara/domain/domain.h"
#include "samara/mutation/mixture.h"
#include "samara/mutation/prompt/correspondence.h"
#include "samara/mutation/prompt/model_choice.h"
#include "samara/mutation/prompt/prompt_operator.h"
#include "samara/pipeline/run_spec.h"
#include "samara/store/run_store.h"

namespace samara {

/// The operator's arms with their weights, in the order of the spec's table.
std::vector<ArmWeight> prompt_arm_weights(const RunSpec& spec);

/// Errors: kInvalidArgument for a table that cannot be right. Part of validate().
Status validate_prompt(const PromptSpec& prompt);

/// Where a run keeps its forms, whatever the spec's folder was.
std::filesystem::path prompt_folder(const std::filesystem::path& run_folder);

/// Reads the forms that the spec calls for and writes them to the run's folder. Errors: those of read_form()
/// and PromptForm::parse().
Status keep_prompts(const RunSpec& spec, const std::filesystem::path& run_folder);

/// The operator's options with the forms in the run's folder.
Result<prompt::PromptOptions> prompt_options(const RunSpec& spec, const Domain& domain,
                                             const std::filesystem::path& run_folder);

/// Opens the run's correspondence. @param replay without an endpoint. Errors: those of
/// Correspondence::open(), and kInvalidArgument without the key.
Result<std::shared_ptr<prompt::Correspondence>> open_correspondence(const PromptSpec& prompt,
                                                                    const std::filesystem::path& run_folder,
                                                                    bool replay,
                                                                    endpoint::Client::Observer observe,
                                                                    const std::atomic<bool>& stop);

/// Which model an iteration's questions go to. pick() may be called from any thread, fold_until() from one.
class ModelSchedule {
 public:
  explicit ModelSchedule(const PromptSpec& prompt);

  /// A draw for a candidate of an iteration that fold_until() was called for.
  std::string pick(std::uint32_t iteration, Rng& rng) const;

  /// Before an iteration's proposals are asked for: learns from the log up to iteration `until`. Iterations
  /// in order; again for those that a stop had dropped. Errors: those of store and journal.
  Status fold_until(std::uint32_t iteration, std::uint32_t until, RunStore& store, ReplyJournal& journal);

 private:
  std::vector<std::string> names_;
  prompt::ModelChoice choice_;
  bool learns_;
  std::uint32_t folded_ = 0;  ///< iterations that choice_ has seen
  mutable std::mutex mutex_;
  std::map<std::uint32_t, std::vector<double>> probabilities_;  ///< by iteration, of the latest
};

}  // namespace samara
