#include "samara/sandbox/python/gate.h"

#include <opcode.h>

#include <algorithm>
#include <string_view>

namespace samara::sandbox {
namespace {

using std::string_view_literals::operator""sv;

// Underscore names that lead nowhere.
constexpr std::string_view kHarmless[] = {
    "_"sv,        "__annotations__"sv, "__doc__"sv,  "__future__"sv,
    "__init__"sv, "__module__"sv,      "__name__"sv, "__qualname__"sv,
};

// Names without an underscore that reach further than the program: attributes by text, frames and tracebacks,
// objects' addresses, classes with special methods made from text, registries, errors' inner objects.
constexpr std::string_view kReaching[] = {
    "delattr"sv, "dir"sv, "format"sv, "format_map"sv, "getattr"sv, "globals"sv, "hasattr"sv, "id"sv,
    "locals"sv,  "mro"sv, "obj"sv,    "register"sv,   "setattr"sv, "type"sv,    "vars"sv,
};
constexpr std::string_view kReachingPrefixes[] = {"ag_"sv, "cr_"sv, "gi_"sv, "tb_"sv};

bool is_harmless_name(PyObject* object) {
  Py_ssize_t size = 0;
  const char* utf8 = PyUnicode_AsUTF8AndSize(object, &size);
  if (utf8 == nullptr) return false;
  const std::string_view name(utf8, static_cast<std::size_t>(size));
  if (name.starts_with('_')) return std::ranges::find(kHarmless, name) != std::end(kHarmless);
  return std::ranges::find(kReaching, name) == std::end(kReaching) &&
         std::ranges::none_of(kReachingPrefixes,
                              [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool starts_with_underscore(PyObject* name) {
  return PyUnicode_GET_LENGTH(name) > 0 && PyUnicode_READ_CHAR(name, 0) == '_';
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

bool is_plain(PyCodeObject* code) {
  if ((code->co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE)) != 0) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_names); ++i) {
    if (!is_harmless_name(PyTuple_GET_ITEM(code->co_names, i))) return false;
  }
  if (!has_plain_instructions(code)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); ++i) {
    PyObject* constant = PyTuple_GET_ITEM(code->co_consts, i);
    if (PyCode_Check(constant) && !is_plain(reinterpret_cast<PyCodeObject*>(constant))) return false;
  }
  return true;
}

}  // namespace samara::sandbox
