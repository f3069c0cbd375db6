// Carries a run on from the command line, with progress, Ctrl-C and a last word: what evolve, resume and demo
// share.
#pragma once

#include "samara/pipeline/run.h"

namespace samara::cli {

struct DriveOptions {
  Run::Limits limits;
  bool quiet = false;  ///< no progress
};

/// Evolves and returns the run's state. Errors: those of Run::evolve(); kCancelled after Ctrl-C, when
/// everything that was committed is kept.
Result<RunState> drive(Run& run, const DriveOptions& options);

}  // namespace samara::cli
