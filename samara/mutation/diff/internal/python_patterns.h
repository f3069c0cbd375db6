// The patterns of `case`, but for what has to be compared or bound alike to be valid: no mappings, sums or
// f-strings, and no captures together with `|`, but behind it with `as`. Used by the files of the grammar
// alone. Read python_state.h first.
#pragma once

#include "samara/mutation/diff/internal/python_grammar.h"
#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

bool is_pattern(const Frame& frame);
/// In an alternative that is not the first.
bool behind_bar(const PythonState& state);
/// Takes a symbol in a frame of a pattern.
bool take_pattern(PythonState& state, Symbol symbol);
/// What a name would be that came where a pattern is due.
NameRole pattern_name_role(const PythonState& state);

}  // namespace samara::diff::internal
