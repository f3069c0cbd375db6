#include "samara/cli/drive.h"

#include "samara/cli/interrupt.h"
#include "samara/cli/progress.h"

namespace samara::cli {

Result<RunState> drive(Run& run, const DriveOptions& options) {
  RunState state = run.empty_state();
  Progress progress(options.limits.iterations, options.limits.max_seconds);
  const auto observe = [&](const IterationReport& report) {
    if (!options.quiet) progress.show(report);
  };
  SAMARA_TRY(const EvolutionEnd end, run.evolve(state, options.limits, observe, stop_on_interrupt()));
  if (end == EvolutionEnd::kStopped) {
    return make_error(ErrorCode::kCancelled, "stopped; carry on with: samara resume {}",
                      run.store().folder().string());
  }
  return state;
}

}  // namespace samara::cli
