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

/// How many arguments a program's calls of a method have at least, by method; of those that builtin
/// containers and texts lack.
using FewestArguments = std::map<std::string, std::size_t, std::less<>>;
FewestArguments fewest_arguments(const PythonProgram& program);

/// Sorted, each once; all but the last of the program's outermost functions that one line alone binds:
///
/// * `def f`: there is none named `entry`.
/// * `f(n)`: a call with n arguments that the parameters do not take.
/// * `f() in f`: it calls itself in front of all that could end it.
/// * `f() = None`: its value is used, but no line of it returns one.
/// * `f() = []`: it returns a list or tuple, which is divided or subtracted.
/// * `.m(n)`: a method is called with n arguments, fewer than `fewest` has for it.
std::vector<std::string> call_faults(const PythonProgram& program, std::string_view entry,
                                     const FewestArguments& fewest);

}  // namespace samara::diff
