// call_faults(): what is wrong with how a program calls functions, as far as reading it shows: calls that its
// own functions do not take, functions that call themselves without end, values that are none or no numbers.
// Like name_faults() a guess in part: compare a child with its parent. A pure function.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/diff/python_program.h"

namespace samara::diff {

/// How a program calls a method.
struct MethodCalls {
  std::size_t calls = 0;
  std::size_t fewest = 0, most = 0;  ///< arguments of a call
  friend bool operator==(const MethodCalls&, const MethodCalls&) = default;
};
/// By method; without those of builtin containers and texts.
using CallHabits = std::map<std::string, MethodCalls, std::less<>>;
CallHabits call_habits(const PythonProgram& program);

/// Sorted, each once; all but the last of the program's outermost functions that one line alone binds:
///
/// * `def f`: there is none named `entry`.
/// * `f(n)`: a call with n arguments that the parameters do not take.
/// * `f() in f`: it calls itself in front of all that could end it.
/// * `f() = None`: its value is used, but no line of it returns one.
/// * `f() = []`: it returns a list or tuple, which is divided or subtracted.
/// * `.m(n)`: a method gets n arguments, fewer than by `habits`, or more where all of several calls there
///   have equally many.
std::vector<std::string> call_faults(const PythonProgram& program, std::string_view entry,
                                     const CallHabits& habits);

}  // namespace samara::diff
