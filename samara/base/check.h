// SAMARA_CHECK: states what must hold whatever the input is. A failed check is a bug in Samara, so it prints
// where and ends the process. What the world can do wrong is a Result (see result.h), never a check.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace samara::internal {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: bug in Samara: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace samara::internal

#define SAMARA_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::samara::internal::check_failed(#condition, __FILE__, __LINE__))
