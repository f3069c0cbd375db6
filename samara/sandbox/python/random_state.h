// RandomState: the generator behind Python's `random` module, put back to its first state for every program.
// Python's own random.seed() would do, but takes longer than some programs. Single threaded.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string>

namespace samara::sandbox {

class RandomState {
 public:
  /// Seeds the generator with 0 and remembers its state; false with a Python error set if that fails.
  bool remember();
  void restore();

 private:
  PyObject* generator_ = nullptr;
  char* state_ = nullptr;  ///< inside the generator: numbers only, see remember()
  std::string first_;
  PyObject* gauss_key_ = nullptr;
};

}  // namespace samara::sandbox
