// The lane kernel for the baseline instruction set (SSE2 on x86-64): 4 lanes.
#include "samara/domain/sodarace/internal/lane_kernel.h"
#include "samara/domain/sodarace/internal/lane_step.h"

namespace samara::sodarace {
namespace {

struct Baseline {
  static constexpr int kLanes = 4;
  typedef float Floats __attribute__((vector_size(4 * kLanes)));
  typedef std::int32_t Ints __attribute__((vector_size(4 * kLanes)));
  typedef double Words __attribute__((vector_size(4 * kLanes)));
};

}  // namespace

void step_baseline(LaneState<Baseline::kLanes>& state) {
  LaneKernel<Baseline>(state).step();
}

}  // namespace samara::sodarace
