// Times for progress and benchmarks. Nothing that decides a result may read a clock: a run repeated is the
// same.
#pragma once

#include <time.h>

namespace samara {

namespace internal {
inline double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
}  // namespace internal

/// Seconds since an arbitrary start; never goes back.
inline double wall_seconds() {
  return internal::read_clock(CLOCK_MONOTONIC);
}
/// CPU seconds of this process, all threads.
inline double process_cpu_seconds() {
  return internal::read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace samara
