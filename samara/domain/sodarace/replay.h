// Replays for robust fitness: the same walker with its joints moved a little. A gait that depends on chaos
// comes out differently each time; a robust one hardly changes. The shifts are a function of the walker's
// content and the replay's number, so a walker's fitness is the same in every run and batch. Pure functions;
// thread safe.
#pragma once

#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

/// Program units; the largest shift of a joint along x and along y. A fifth of the minimum distance between
/// joints, and 0.2% of the seeds' size.
inline constexpr double kReplayShift = 0.02;

/// The walker of replay `number`, counted from 1. Joints keep their order and muscles everything.
Walker shifted_for_replay(const Walker& walker, unsigned number);

}  // namespace samara::sodarace
