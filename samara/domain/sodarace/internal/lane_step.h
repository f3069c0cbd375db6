// One step of all lanes, per instruction set: the same function of the state, lane by lane. Which ones this
// processor has is asked by lane_simulator.cc. No state of their own; thread safe.
#pragma once

#include "samara/domain/sodarace/internal/lane_state.h"

namespace samara::sodarace {

void step_baseline(LaneState<4>& state);
void step_avx2(LaneState<8>& state);
void step_avx512(LaneState<16>& state);

}  // namespace samara::sodarace
