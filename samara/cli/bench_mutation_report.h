// What `samara bench mutation` shows of a report: a table for the terminal, JSON with everything, a chart.
// Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "samara/bugfix/benchmark.h"
#include "samara/picture/canvas.h"

namespace samara::cli {

/// A report with what it was made from; borrowed.
struct MutationResults {
  std::span<const bugfix::Task> tasks;
  std::span<const bugfix::Contender> contenders;
  const bugfix::BenchmarkOptions& options;
  const bugfix::BenchmarkReport& report;
};

/// Groups of one task, and with `every_task` all others too, by cell; then groups of several tasks by mean.
std::string mutation_table(const MutationResults& results, bool every_task);

/// All but the key "timing" is a function of what affects results.
nlohmann::ordered_json mutation_json(const MutationResults& results);

/// Success (logarithmic) against the number of bugs: one chart per group, one line per operator.
picture::Canvas mutation_chart(const MutationResults& results);

}  // namespace samara::cli
