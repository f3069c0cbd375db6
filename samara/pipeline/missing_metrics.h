// Metrics that a task declares and its evaluator does not give.
#pragma once

#include <string>
#include <vector>

#include "samara/pipeline/run.h"

namespace samara {

struct MissingMetrics {
  std::vector<std::string> declared;  ///< under [metrics] and not given, probably misspelled
  std::vector<std::string> given;     ///< by the evaluation of the best program
};

/// What the best program's evaluation shows. Empty without a program yet, and for other domains than tasks.
/// Errors: the store's.
Result<MissingMetrics> find_missing_metrics(Run& run, const RunState& state);

}  // namespace samara
