#include "samara/cli/drive.h"

#include <fmt/ranges.h>

#include "samara/cli/interrupt.h"
#include "samara/cli/progress.h"
#include "samara/cli/training_progress.h"
#include "samara/pipeline/best_program.h"
#include "samara/pipeline/missing_metrics.h"

namespace samara::cli {
namespace {

std::string notice_text(const endpoint::Notice& notice) {
  switch (notice.kind) {
    case endpoint::Notice::Kind::kPaused:
      return "paused: " + notice.message;
    case endpoint::Notice::Kind::kRecovered:
      return "going on: " + notice.message;
    case endpoint::Notice::Kind::kBudgetSpent:
    case endpoint::Notice::Kind::kRemark:
      break;
  }
  return notice.message;
}

/// Told in any case: a metric that is not there is neither shown nor reckoned with.
void warn_of_missing_metrics(Run& run, const RunState& state, Progress& progress) {
  const Result<MissingMetrics> missing = find_missing_metrics(run, state);
  if (!missing.ok() || missing->declared.empty()) return;  // an error of the store comes up by itself
  progress.tell(fmt::format(
      "warning: [metrics] of task.toml names {}, which the evaluator did not give for the seed; it gave {}",
      fmt::join(missing->declared, ", "), fmt::join(missing->given, ", ")));
}

}  // namespace

Result<RunState> drive(Run& run, const DriveOptions& options) {
  RunState state = run.empty_state();
  Progress progress(options.limits.iterations, options.limits.max_seconds);
  const auto observe = [&](const IterationReport& report) {
    if (report.iteration == 0) warn_of_missing_metrics(run, report.state, progress);
    if (!options.quiet) progress.show(report, prompt_text(run.prompt_figures()));
  };
  // Pauses are told in any case: a run that waits must not look like one that hangs.
  const auto observe_prompt = [&](const endpoint::Notice& notice) { progress.tell(notice_text(notice)); };
  std::optional<TrainingProgressLine> training;
  std::uint32_t trained = 0;
  const auto observe_training = [&](std::uint32_t generation, const lm::TrainingProgress& report) {
    if (options.quiet) return;
    if (!training || trained != generation) training.emplace(fmt::format("fine-tuning model {}", generation));
    trained = generation;
    training->show(report);
  };
  SAMARA_TRY(const EvolutionEnd end, run.evolve(state, options.limits, observe, stop_on_interrupt(),
                                                observe_training, observe_prompt));
  SAMARA_TRY_STATUS(write_best_program(run, state));
  if (end == EvolutionEnd::kStopped) {
    return make_error(ErrorCode::kCancelled, "stopped; carry on with: samara resume {}",
                      run.store().folder().string());
  }
  if (end == EvolutionEnd::kSpent) {
    progress.tell(fmt::format(
        "stopped; everything answered so far is kept. A larger budget carries on: samara resume {} "
        "--prompt-budget-...",
        run.store().folder().string()));
  }
  if (!options.quiet && end == EvolutionEnd::kTargetReached) {
    std::fprintf(stderr,
                 "stopped early: the target fitness %g is reached; carry on with: samara resume %s "
                 "--target-fitness inf\n",
                 *options.limits.stop.target_fitness, run.store().folder().c_str());
  }
  if (!options.quiet && end == EvolutionEnd::kNoImprovement) {
    std::fprintf(stderr,
                 "stopped early: no improvement in %u iterations; carry on with: samara resume %s "
                 "--patience 0\n",
                 options.limits.stop.patience, run.store().folder().c_str());
  }
  return state;
}

}  // namespace samara::cli
