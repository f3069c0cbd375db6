#include "samara/sandbox/python/gate.h"

#include <opcode.h>

#include <span>

namespace samara::sandbox {
namespace {

// Underscore names that lead nowhere.
// Underscore names that lead nowhere.
constexpr const char* kHarmless[] = {
    "_", "__annotations__", "__doc__", "__future__", "__init__", "__module__", "__name__", "__qualname__",
};

// Names without an underscore that reach further than the program: attributes by text, objects' addresses,
// classes with special methods made from text, registries, errors' inner objects.
constexpr const char* kReaching[] = {
    "delattr", "dir", "format", "format_map", "getattr", "globals", "hasattr", "id",
    "locals",  "mro", "obj",    "register",   "setattr", "type",    "vars",
};

// Attributes of generators, coroutines and tracebacks, by which frames are found.
bool leads_to_frames(PyObject* name) {
  if (PyUnicode_GET_LENGTH(name) < 4 || PyUnicode_READ_CHAR(name, 2) != '_') return false;
  const Py_UCS4 first = PyUnicode_READ_CHAR(name, 0);
  const Py_UCS4 second = PyUnicode_READ_CHAR(name, 1);
  return (first == 'a' && second == 'g') || (first == 'c' && second == 'r') ||
         (first == 'g' && second == 'i') || (first == 't' && second == 'b');
}

bool starts_with_underscore(PyObject* name) {
  return PyUnicode_GET_LENGTH(name) > 0 && PyUnicode_READ_CHAR(name, 0) == '_';
}

PyObject* set_of(std::span<const char* const> names) {
  PyObject* set = PyFrozenSet_New(nullptr);
  for (const char* name : names) {
    PyObject* text = PyUnicode_InternFromString(name);
    PySet_Add(set, text);
    Py_DECREF(text);
  }
  return set;
}

// Calls `visit` with the code and all nested code until it answers false.
template <typename Visit>
bool all_code(PyCodeObject* code, const Visit& visit) {
  if (!visit(code)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); ++i) {
    PyObject* constant = PyTuple_GET_ITEM(code->co_consts, i);
    if (PyCode_Check(constant) && !all_code(reinterpret_cast<PyCodeObject*>(constant), visit)) return false;
  }
  return true;
}

// Instructions that use names in a way that the names alone do not show.
bool has_plain_instructions(PyCodeObject* code) {
  const _Py_CODEUNIT* const units = _PyCode_CODE(code);
  unsigned argument = 0;
  for (Py_ssize_t i = 0; i < Py_SIZE(code); ++i) {
    const int operation = _Py_OPCODE(units[i]);
    argument = (argument << 8) | _Py_OPARG(units[i]);
    // A class pattern reads attributes whose names stand among the constants.
    if (operation == MATCH_CLASS) return false;
    if (operation == STORE_ATTR || operation == DELETE_ATTR) {
      if (argument >= static_cast<unsigned>(PyTuple_GET_SIZE(code->co_names))) return false;
      if (starts_with_underscore(PyTuple_GET_ITEM(code->co_names, argument))) return false;
    }
    if (operation != EXTENDED_ARG) argument = 0;
  }
  return true;
}

}  // namespace

Gate::Gate() : harmless_(set_of(kHarmless)), reaching_(set_of(kReaching)) {}

bool Gate::is_plain_name(PyObject* name) const {
  if (starts_with_underscore(name)) return PySet_Contains(harmless_, name) == 1;
  return PySet_Contains(reaching_, name) == 0 && !leads_to_frames(name);
}

bool Gate::is_plain(PyCodeObject* code) const {
  return all_code(code, [this](PyCodeObject* part) {
    if ((part->co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(part->co_names); ++i) {
      if (!is_plain_name(PyTuple_GET_ITEM(part->co_names, i))) return false;
    }
    return has_plain_instructions(part);
  });
}

bool Gate::is_quiet(PyCodeObject* code) const {
  return all_code(code, [](PyCodeObject* part) {
    return (part->co_flags & CO_GENERATOR) == 0 || PyBytes_GET_SIZE(part->co_exceptiontable) == 0;
  });
}

}  // namespace samara::sandbox
