// Symbols that end an element of an expression or begin another: closing brackets, commas, `=`, `:`, `:=`,
// `if`, `for`, `as`; and the parameters of def and lambda. Used by python_expression.cc alone, behind an
// operand. All take their symbol, or say false: it cannot stand here.
#pragma once

#include "samara/mutation/diff/internal/python_frames.h"

namespace samara::diff::internal {

bool close_bracket(PythonState& state, Symbol symbol);
bool take_comma(PythonState& state);
bool take_assign(PythonState& state);
bool take_colon(PythonState& state);
bool take_walrus(PythonState& state);
bool take_as(PythonState& state);
/// `for`
bool begin_comprehension(PythonState& state);
/// `in` behind a target of `for`
bool end_target(PythonState& state);
/// `if`, also of a comprehension
bool begin_ternary(PythonState& state);

/// Any symbol among the parameters of def and lambda (python_parameters.cc).
bool take_parameter(PythonState& state, Symbol symbol);

}  // namespace samara::diff::internal
