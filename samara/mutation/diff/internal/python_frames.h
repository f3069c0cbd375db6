// What the grammar of expressions does with frames: tells what the element at hand is, makes it more, ends
// it. Used by the files of the grammar alone. Read python_state.h first.
#pragma once

#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

/// The element at hand could be assigned to or deleted.
bool is_target(const Frame& frame);
/// The same, and by itself, as the target of an annotation or of `+=` has to be.
bool is_single_target(const Frame& frame);
/// The element at hand is a name and nothing else.
bool is_bare_name(const Frame& frame);
/// What stands in the frame is bound.
bool stores(const Frame& frame);
/// Behind an opening bracket or a comma.
bool at_element(const PythonState& state);
/// `*x` alone is no expression; a comma makes it one.
bool lone_star(const Frame& frame);

void end_element(Frame& frame);

/// What comes next. True, as what else there is to say of a symbol that was taken.
bool wants(PythonState& state, Need need);
/// The element goes on with more than a primary.
bool make_compound(PythonState& state, Need need);
/// What follows is a new part of the element: a value behind a key, a default, a bound of a slice.
bool begin_part(PythonState& state, std::uint16_t add);
/// The statement goes on as another: behind `=`, a value.
bool replace_statement(PythonState& state, FrameKind kind);

/// Opens a frame. False: too deep.
bool push(PythonState& state, FrameKind kind, Need need, std::uint16_t flags = 0);
void pop(PythonState& state);
/// The name just read is used up for the brackets at hand. False: it was before.
bool use_up_name(PythonState& state);

}  // namespace samara::diff::internal
