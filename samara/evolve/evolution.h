// Evolution: the loop seed -> archive -> select -> mutate -> execute -> simulate -> insert -> store. It
// carries a run from where its log ends to where its options say, one transaction per iteration.
// docs/architecture.md shows how iterations overlap. The log depends on the options that affect results,
// never on the number of workers, on timing, or on how often the run was stopped and resumed: parents of
// iteration t are drawn from the archive after iteration t-1-lag, every candidate has its own random stream,
// and records are folded in slot order.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "samara/domain/domain.h"
#include "samara/evolve/context_book.h"
#include "samara/evolve/emitter.h"
#include "samara/evolve/run_state.h"
#include "samara/evolve/stop_rule.h"
#include "samara/evolve/worker_pool.h"
#include "samara/store/run_store.h"

namespace samara {

struct EvolutionOptions {
  // What affects results.
  EmitterOptions emitter;
  ContextOptions context;  ///< for operators that need one
  std::uint32_t lag = 1;   ///< iterations that may be under way besides the one being drawn; see above
  double novelty = 0.0;  ///< refuse proposals that are this similar to an earlier one: NoveltyFilter; 0: none
  // What does not.
  std::uint32_t iterations = 200;  ///< stop after this iteration
  double max_seconds = 0.0;        ///< stop after the first iteration that ends later than this; 0: never
  StopOptions stop;                ///< stop when there is no more to gain
  unsigned workers = 1;
  /// Programs that a worker evaluates before the next is free to take some; 0: as many as keep a sandbox's
  /// child busy. Few where an evaluation takes long.
  std::size_t evaluation_chunk = 0;

  /// What an operator that learns in the middle of a run does before an iteration's proposals are asked for;
  /// may be empty. Called from evolve()'s thread, in order of iterations, when the log holds at least the
  /// iterations up to number - 1 - lag, which are all that it may depend on. Again for iterations that a stop
  /// had dropped. Errors end the run; kCancelled is the answer to a stop.
  std::function<Status(std::uint32_t iteration)> prepare;
  /// Called before the workers are waited for at the end, also after an error: makes operators that wait for
  /// something outside give up. May be empty.
  std::function<void()> abandon;
  /// Whether operators wait for something outside that does not come: then a time limit ends the run without
  /// waiting for the iteration to end. May be empty.
  std::function<bool()> stalled;
  /// More figures for the iteration's entry in the store, as JSON members: `"model": "..."`; may be empty.
  std::function<std::string(std::uint32_t iteration)> annotate;
};

/// What an observer learns after each committed iteration. Borrowed for the call.
struct IterationReport {
  std::uint32_t iteration = 0;
  double seconds = 0.0;              ///< wall time since this process began to evolve
  std::uint64_t proposals_done = 0;  ///< since this process began to evolve
  const RunState& state;
};

using IterationObserver = std::function<void(const IterationReport&)>;

/// Evolves until the options say stop or `stop` becomes true, in which case the iterations under way are
/// dropped. A new store gets the domain's seeds as iteration 0; all seeds must be scored. `state` must be
/// freshly made; on return it is the fold of the whole log. Errors: the store's, a worker's, kInvalidData
/// when the log does not fold to its own outcomes.
Result<EvolutionEnd> evolve(RunStore& store, RunState& state, std::span<const Seed> seeds,
                            const EvolutionOptions& options, const WorkerFactory& factory,
                            const IterationObserver& observe, const std::atomic<bool>& stop);

}  // namespace samara
