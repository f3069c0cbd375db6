// Measurement: what one call of an evaluator gave, read from the answer of the process that evaluates.
// Answers are untrusted: whatever they hold, a measurement has finite numbers and texts of bounded length, or
// a failure. Read scoring.h for what becomes of it. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/domain/task/task_spec.h"
#include "samara/program/evaluation.h"

namespace samara::task {

/// What one call of an evaluator gave.
struct Measurement {
  std::map<std::string, double> metrics;         ///< finite ones; true and false are 1 and 0
  std::vector<std::string> flags;                ///< metrics that were true or false
  std::vector<std::string> not_finite;           ///< names of metrics that are no finite numbers
  std::map<std::string, std::string> artifacts;  ///< valid UTF-8
  std::optional<Failure> failure;                ///< then the metrics say nothing
  std::string stopped;  ///< the stage and the threshold at which a cascade ended early; empty: it did not
};

Measurement read_measurement(std::string_view answer, const TaskSpec& spec);

/// The process's first answer: the layers of containment that this machine refuses it.
std::vector<std::string> read_refused_layers(std::string_view answer);

/// Its second: names of the evaluator's functions. Errors: kInvalidData when the evaluator does not load.
/// @param evaluator  its file or program, for messages
Result<std::vector<std::string>> read_functions(std::string_view answer, const std::string& evaluator);

}  // namespace samara::task
