#include "samara/pipeline/run_history.h"

#include "samara/evolve/fold_log.h"

namespace samara {

std::uint64_t Moment::count_if(bool (*predicate)(Outcome)) const {
  std::uint64_t total = 0;
  for (int i = 0; i < kOutcomeCount; ++i) {
    if (predicate(static_cast<Outcome>(i))) total += outcomes[static_cast<std::size_t>(i)];
  }
  return total;
}

double Moment::share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

Moment moment_of(const RunState& state, std::uint32_t iteration) {
  Moment moment;
  moment.iteration = iteration;
  moment.proposals = state.proposals();
  moment.stats = state.archive().stats();
  moment.outcomes = state.outcomes();
  return moment;
}

Result<std::vector<Moment>> run_history(Run& run) {
  std::vector<Moment> moments;
  RunState state = run.empty_state();
  SAMARA_TRY_STATUS(fold_log(run.store(), state, [&](std::uint32_t iteration) -> Status {
    moments.push_back(moment_of(state, iteration));
    return {};
  }));
  return moments;
}

}  // namespace samara
