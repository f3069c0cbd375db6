// The part of the grammar below statements: operands and operators in turn, with what python_elements.h has.
// Used by python_grammar.cc alone, which has the statements.
#pragma once

#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

/// Takes a symbol where an expression is under way.
bool take_expression(PythonState& state, Symbol symbol);
/// Takes a symbol where an operand is due.
bool take_operand(PythonState& state, Symbol symbol);

// From python_grammar.cc: what the statements and blocks around an expression allow.
bool in_function(const PythonState& state);
bool in_async_function(const PythonState& state);
/// The statement was a header and its colon came.
bool begin_suite(PythonState& state);

}  // namespace samara::diff::internal
