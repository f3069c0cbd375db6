// The config.yaml of OpenEvolve: what of it counts here goes into a ForeignTask, and the rest is warned of by
// name. docs/tasks.md has the table. Keys of endpoints that stand in it are neither used nor kept.
#pragma once

#include <filesystem>
#include <vector>

#include "samara/domain/task/foreign_tasks.h"

namespace samara::task::internal {

/// What depends on the evaluator too.
struct OpenEvolveConfig {
  double wall_seconds = 300.0;
  bool cascade = true;
  std::vector<double> thresholds = {0.5, 0.75, 0.9};
  bool holds_key = false;  ///< an api_key stands in it, not the name of a variable
};

/// Errors: kNotFound, kIo, kInvalidArgument for what is no YAML or has values of another kind.
Result<OpenEvolveConfig> read_openevolve_config(const std::filesystem::path& file, ForeignTask& task);

}  // namespace samara::task::internal
