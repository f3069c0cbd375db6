// The grammar of Python 3.11 as an automaton on symbols: brackets and clauses on a stack, blocks by their
// indentation, operands and operators in turn. Stricter than the reference grammar nowhere that matters to
// edits, looser where docs/mutation-diff.md says so. Read python_state.h first. Pure functions of the state.
#pragma once

#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

/// Takes the next symbol. False: it cannot stand here, and the state is spoiled.
bool take(PythonState& state, Symbol symbol);
/// The same on a copy.
bool may_take(const PythonState& state, Symbol symbol);

/// Whether deeper indentation by `by` columns is right; bit n of `steps` stands for n, no bits: any.
bool is_step(std::uint32_t steps, unsigned by);
/// The first symbol of a logical line stands at `column`. False: no block of the program is there.
bool enter_line(PythonState& state, unsigned column, std::uint32_t steps);
/// Whether a program may end here, in front of a line.
bool may_end_program(const PythonState& state);

/// Only `case` may begin the line.
bool awaits_case(const PythonState& state);
/// Inside brackets, whether of code or of an f-string's field: line breaks mean nothing.
bool in_brackets(const PythonState& state);
/// `x` in the innermost brackets may still turn out to be what a `for` further right binds.
bool awaits_comprehension(const PythonState& state);
/// A name that comes next is bound if an assignment follows.
bool may_become_target(const PythonState& state);

/// What a name would be that came next.
enum class NameRole : std::uint8_t {
  kLoad,
  kStatement,     ///< read, or assigned to: the first of its statement or behind commas
  kArgument,      ///< read, or the name of a keyword argument
  kArgumentOnly,  ///< the name of a keyword argument: one came before
  kStore,
  kParameter,
  kAttribute,
  kModule,
  kMember,  ///< of a module: `from m import member`
};
NameRole name_role(const PythonState& state);

}  // namespace samara::diff::internal
