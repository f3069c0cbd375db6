#include "samara/evolve/fold_log.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace samara {
namespace {

/// What RunState::fold() asks of a record; a damaged store may hold others.
bool is_foldable(const Record& record, std::size_t dimensions) {
  if (!is_scored(record.outcome)) return true;
  if (!record.program || !record.score || record.score->behavior.size() != dimensions) return false;
  return std::isfinite(record.score->fitness) &&
         std::all_of(record.score->behavior.begin(), record.score->behavior.end(),
                     [](double x) { return std::isfinite(x); });
}

}  // namespace

Status fold_log(RunStore& store, RunState& state, const std::function<Status(std::uint32_t)>& after_iteration,
                const std::function<void(const Record&)>& each_record) {
  const auto end_iteration = [&](std::uint32_t iteration) -> Status {
    state.end_iteration(iteration);
    return after_iteration ? after_iteration(iteration) : Status();
  };
  std::optional<std::uint32_t> current;
  SAMARA_TRY_STATUS(store.for_each_record([&](const Record& record, std::uint32_t program_size) -> Status {
    if (current && *current != record.iteration) SAMARA_TRY_STATUS(end_iteration(*current));
    current = record.iteration;
    if (record.arm >= state.mixture().size()) {
      return make_error(ErrorCode::kInvalidData,
                        "record {} of iteration {} names arm {}, but the run has {} arms", record.slot,
                        record.iteration, record.arm, state.mixture().size());
    }
    if (!is_foldable(record, state.archive().map().axes().size())) {
      return make_error(ErrorCode::kInvalidData,
                        "record {} of iteration {} is {}, but has no usable program and score", record.slot,
                        record.iteration, outcome_name(record.outcome));
    }
    const Outcome outcome = state.fold(record, program_size).outcome;
    if (each_record) each_record(record);
    if (outcome == record.outcome) return {};
    return make_error(
        ErrorCode::kInvalidData,
        "record {} of iteration {} is stored as {}, but the log before it makes it {}: the log was altered",
        record.slot, record.iteration, outcome_name(record.outcome), outcome_name(outcome));
  }));
  if (current) SAMARA_TRY_STATUS(end_iteration(*current));
  return {};
}

}  // namespace samara
