// Emitter: decides what an iteration tries: which elites become parents and by which arm of the operator each
// child is made. The paper's choice of parents: an occupied niche drawn uniformly at random, each parent
// giving a small family of children. A pure function of the run's state and the candidate's own stream.
// Stateless.
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

struct EmitterOptions {
  std::uint64_t rng_seed = 0;
  std::uint32_t batch = 512;              ///< proposals per iteration
  std::uint32_t children_per_parent = 1;  ///< consecutive slots that share a parent
};

/// The iteration's `batch` drafts in slot order, drawn from the archive and the arm weights as they are in
/// `state`. The archive must hold at least one elite.
std::vector<Draft> emit(const EmitterOptions& options, std::uint32_t iteration, const RunState& state);

}  // namespace samara
