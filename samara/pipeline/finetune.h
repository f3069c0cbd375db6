// Fine-tuning the diff model on what the archive accepted: a run's log gives the diffs, as commits, and a
// training job makes of them a model that proposes more of the kind. In the paper all accepted diffs count
// alike; weighting them by impact is an option here. What comes out follows from the logs and the options;
// provenance.h keeps which they were.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "samara/archive/niche_map.h"
#include "samara/domain/domain.h"
#include "samara/lm/train/train_process.h"
#include "samara/pipeline/diff_training.h"
#include "samara/pipeline/run_spec.h"
#include "samara/store/run_store.h"

namespace samara {

enum class DiffWeight {
  kEqual,   ///< as in the paper
  kImpact,  ///< by how much the archive gained: see accepted_diffs()
};

/// What of a run a model learned from.
struct LearnedRun {
  std::string digest;                            ///< of the run up to `until`, as if it had ended there
  std::string operator_name;                     ///< of its spec
  std::uint32_t until = 0;                       ///< the last iteration that counted
  std::map<std::string, std::uint64_t> commits;  ///< how many each operator made: "gp", "diff" ...
  bool operator==(const LearnedRun&) const = default;
};

struct AcceptedDiffs {
  std::vector<Commit> commits;
  LearnedRun run;
};

/// The accepted children of one parent in a run's log up to iteration `until`, as commits. The message is the
/// one that the diff was made with; a genetic edit gets one of the spec's messages, drawn with their
/// probabilities. With kImpact a diff that filled an empty niche weighs 1, and one that improved an elite
/// from a to b weighs (b - a) / (|a| + |b|), at least 0.05. A commit holds what the operator is shown: no
/// comment lines, unless the spec has diff.comments, and of a task's programs the text of a region that
/// changed (mutation/region_text.h). Errors: the store's.
Result<AcceptedDiffs> accepted_diffs(RunStore& store, const RunSpec& spec, const Domain& domain,
                                     std::shared_ptr<const NicheMap> niche_map, std::uint32_t until,
                                     DiffWeight weight = DiffWeight::kEqual);

struct FinetuneOptions {
  std::uint64_t seed = 1;
  std::uint64_t tokens = 2'000'000;  ///< training tokens, repetitions counted
  double learning_rate = 5e-4;       ///< peak
  std::size_t max_tokens = 448;      ///< of an example
  std::string device = "cpu";        ///< or "cuda", "cuda:N"
  int threads = 1;                   ///< on the CPU; does not affect the result
};

/// Trains `start` on the commits in the folder `job`, which resumes what was begun there. The model comes
/// with advice for sampling of its own. Nothing where no commit can be trained on. Errors: those of
/// run_training().
Result<std::optional<lm::Model>> finetune(const lm::Model& start, std::span<const Commit> commits,
                                          const FinetuneOptions& options, const std::filesystem::path& job,
                                          const std::function<void(const lm::TrainingProgress&)>& observe,
                                          const std::atomic<bool>& stop);

}  // namespace samara
