// Gate: decides from a program's byte code whether it may share a child with other programs. A "plain"
// program names nothing that leads to state which outlives it: no underscore names, no reflection, no
// finalizers. Whoever fails is not judged: it runs alone. A pure function of the code.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace samara::sandbox {

/// `code`: the code object of a module; nested code is looked at too.
bool is_plain(PyCodeObject* code);

}  // namespace samara::sandbox
