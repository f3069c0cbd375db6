// FloatEnvironment: while it lives, this thread rounds to nearest and keeps denormals, whatever a library
// (libtorch's set_flush_denormal, code linked with -ffast-math) has chosen before; then that choice is back.
// Without it a walk would depend on the thread that it runs in. Lives on the stack.
#pragma once

#include <cfenv>

namespace samara::sodarace {

class FloatEnvironment {
 public:
  FloatEnvironment() {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatEnvironment() { std::fesetenv(&before_); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  std::fenv_t before_;
};

}  // namespace samara::sodarace
