// Gate: decides from a program's byte code whether it may share a child with other programs. A "plain"
// program names nothing that leads to state which outlives it: no underscore names, no reflection, no
// finalizers. Whoever fails is not judged: it runs alone. A pure function of the code; single threaded.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace samara::sandbox {

class Gate {
 public:
  Gate();

  /// `code`: the code object of a module; nested code is looked at too.
  bool is_plain(PyCodeObject* code) const;

  /// Letting go of the objects that a plain program made runs none of its code: it has no generator that
  /// catches or cleans up when it is closed.
  bool is_quiet(PyCodeObject* code) const;

 private:
  bool is_plain_name(PyObject* name) const;

  PyObject* harmless_;  ///< set of names with an underscore that lead nowhere
  PyObject* reaching_;  ///< set of names without one that reach further than the program
};

}  // namespace samara::sandbox
