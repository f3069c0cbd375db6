// Scoring: how the metrics of a program's evaluations become its fitness, behavior and details. Read
// task_spec.h for what a task says about it. Pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "samara/domain/task/measurement.h"
#include "samara/domain/task/task_spec.h"

namespace samara::task {

/// Larger is better: the task's fitness metric; else `combined_score`; else the mean of all metrics but
/// behavior dimensions and those that were true or false. Metrics that are minimized count with the other
/// sign. Errors: kInvalidData, one line for the record, when there is no such metric or it is no finite
/// number.
Result<double> fitness_of(const TaskSpec& spec, const Measurement& measured);

/// Whether the fitness is there and not worse than a cascade's threshold, which is in units of the metric
/// that counts: where that is minimized, at most the threshold.
bool reaches(const TaskSpec& spec, const Measurement& measured, double threshold);
/// For the record, of a fitness that does not reach it: "error 0.6 is above 0.5".
std::string shortfall(const TaskSpec& spec, const Measurement& measured, double threshold);

/// What several measurements of one program say together: means, and artifacts of the first. The score, or
/// the failure of the first that failed or lacks fitness or behavior.
/// @param repeats       at least one
/// @param program_size  bytes
Evaluation score(const TaskSpec& spec, std::span<const Measurement> repeats, std::size_t program_size);

/// Takes over what a later stage of a cascade measured, also that a metric is no finite number.
void merge(Measurement& whole, Measurement stage);

/// Metrics and artifacts as Details.
Details details_of(const Measurement& measured);

}  // namespace samara::task
