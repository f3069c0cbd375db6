// The lane kernel for AVX-512: 16 lanes.
#include "samara/domain/sodarace/internal/lane_kernel.h"
#include "samara/domain/sodarace/internal/lane_step.h"

namespace samara::sodarace {
namespace {

struct Avx512 {
  static constexpr int kLanes = 16;
  typedef float Floats __attribute__((vector_size(4 * kLanes)));
  typedef std::int32_t Ints __attribute__((vector_size(4 * kLanes)));
  typedef double Words __attribute__((vector_size(4 * kLanes)));
};

}  // namespace

void step_avx512(LaneState<Avx512::kLanes>& state) {
  LaneKernel<Avx512>(state).step();
}

}  // namespace samara::sodarace
