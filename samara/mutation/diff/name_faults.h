// name_faults(): what is wrong with how a program uses its names, as far as reading it shows: names that
// nothing in sight binds, builtin functions that are taken for values, objects that are reckoned with like
// numbers. PythonGuard holds new lines to names that exist; this looks at the whole, as a diff may also
// remove what binds a name. A guess in part: compare a child with its parent, which may do such things and
// work. A pure function.
#pragma once

#include <string>
#include <vector>

#include "samara/mutation/diff/python_program.h"

namespace samara::diff {

/// Sorted, each once, of a program's reads of names:
///
/// * `name`: no line of its function, and none at the top level, binds it. What is bound only later counts.
/// * `name()`: a builtin function that is neither called nor handed to map, filter or a keyword argument.
/// * `name.`: a method is called on it that builtin containers and texts lack, but here it is an operand of
///   arithmetic or an order, is indexed, or is handed to a method of its own.
///
/// Finds nothing in lines that could not be read.
std::vector<std::string> name_faults(const PythonProgram& program);

}  // namespace samara::diff
