// BareProgram: a program without its comment lines, which is what the diff model reads: comments cost a fifth
// of a walker's tokens, and a model that sees them copies them. Hunks of it are led back to the whole
// program, where comments stay. Plain values and pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/diff/hunk.h"

namespace samara::diff {

struct BareProgram {
  std::string source;
  std::vector<std::size_t> line_of;  ///< in the whole program, of each line; then the number of its lines
};

/// Without the lines that hold a comment alone. Any text will do.
BareProgram bare_program(std::string_view whole);

/// Hunks of the bare program as hunks of the whole one. Comment lines between removed lines go with them.
std::vector<Hunk> hunks_of_whole(const BareProgram& bare, std::vector<Hunk> hunks);

}  // namespace samara::diff
