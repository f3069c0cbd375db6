// fold_log: rebuilds a run's state from its evaluation log, as resume, verify, stats and the pictures do.
#pragma once

#include <functional>

#include "samara/evolve/run_state.h"
#include "samara/store/run_store.h"

namespace samara {

/// Folds the whole log into `state`, which must be freshly made, and calls `after_iteration` (if not empty)
/// once per iteration, in order, and `each_record` with every record. Errors: the store's and the callback's;
/// kInvalidData when a stored outcome is not the one that folding gives, which means that the log was altered
/// or was written by an archive with other rules.
Status fold_log(RunStore& store, RunState& state,
                const std::function<Status(std::uint32_t iteration)>& after_iteration,
                const std::function<void(const Record&)>& each_record = {});

}  // namespace samara
