// Hunk: a change of consecutive lines, and how a list of hunks turns one text into another. What the diff
// model writes is a list of hunks (diff_codec.h). Plain values and pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samara::diff {

struct Hunk {
  std::size_t line = 0;     ///< index of the first removed line, or of the line to insert in front of
  std::size_t removed = 0;  ///< lines removed from there on
  std::vector<std::string> inserted;  ///< lines that take their place, without line breaks
  friend bool operator==(const Hunk&, const Hunk&) = default;
};

/// A shortest list of hunks that turns `before` into `after`, in order of lines; empty for equal lines.
std::vector<Hunk> hunks_between(std::string_view before, std::string_view after);

/// The text after the hunks, which are in order and neither overlap nor exceed the text. It ends with a line
/// break where `before` does, or is empty.
std::string apply_hunks(std::string_view before, std::span<const Hunk> hunks);

}  // namespace samara::diff
