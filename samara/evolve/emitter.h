// Emitter: decides what an iteration tries: which elites become parents and by which arm of the operator each
// child is made. The paper's choice of parents: an occupied niche drawn uniformly at random (of the slot's
// island, where there are islands), or the fittest of several so drawn, each parent giving a small family of
// children; donors and inspirations are drawn uniformly in any case. The baselines that
// evolution is measured against choose other parents and are the same run otherwise. A pure function of the
// run's state and the candidate's own stream. Stateless.
#pragma once

#include <cstdint>
#include <vector>

#include "samara/base/rng.h"
#include "samara/evolve/run_state.h"

namespace samara {

/// One child that is to be proposed: the slot's parents by id, and the arm.
struct Draft {
  ProgramId parent;
  ProgramId donor;
  std::uint16_t arm = 0;
};

/// Who becomes a parent when evolution is off: what a search without an archive would do at the same budget.
enum class Baseline {
  kNone,        ///< evolution
  kIid,         ///< every candidate is a child of a seed: independent samples of the operator
  kSequential,  ///< every candidate is a child of the best so far: hill climbing
};

struct EmitterOptions {
  std::uint64_t rng_seed = 0;
  std::uint32_t batch = 512;              ///< proposals per iteration
  std::uint32_t children_per_parent = 1;  ///< consecutive slots of an island that share a parent
  std::uint32_t tournament = 1;           ///< a parent is the fittest of this many elites drawn
  Baseline baseline = Baseline::kNone;
};

/// The iteration's `batch` drafts in slot order, drawn from the archive and the arm weights as they are in
/// `state`. The archive must hold at least one elite.
std::vector<Draft> emit(const EmitterOptions& options, std::uint32_t iteration, const RunState& state);

}  // namespace samara
