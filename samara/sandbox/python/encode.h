// Encode: a Python value as MessagePack. Only exact builtin types are looked at, through their C structures,
// so that no code of the program that made the value can run. Single threaded.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <span>
#include <string>
#include <variant>

namespace samara::sandbox {

/// Nesting of lists and dicts that a result may have.
inline constexpr int kMaxResultDepth = 64;

/// The number of bytes written, or why the value is no valid result and where ("... at ['joints'][3]").
std::variant<std::size_t, std::string> encode(PyObject* value, std::span<char> out);

}  // namespace samara::sandbox
