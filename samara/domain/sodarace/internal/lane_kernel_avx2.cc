// The lane kernel for AVX2: 8 lanes.
#include "samara/domain/sodarace/internal/lane_kernel.h"
#include "samara/domain/sodarace/internal/lane_step.h"

namespace samara::sodarace {
namespace {

struct Avx2 {
  static constexpr int kLanes = 8;
  typedef float Floats __attribute__((vector_size(4 * kLanes)));
  typedef std::int32_t Ints __attribute__((vector_size(4 * kLanes)));
  typedef double Words __attribute__((vector_size(4 * kLanes)));
};

}  // namespace

void step_avx2(LaneState<Avx2::kLanes>& state) {
  LaneKernel<Avx2>(state).step();
}

}  // namespace samara::sodarace
