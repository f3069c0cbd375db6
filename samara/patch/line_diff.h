// Line differences between two texts: the shortest edit script (Myers, "An O(ND) difference algorithm and its
// variations", 1986) and its unified form, which people read and language models learn. Texts that differ in
// thousands of lines get a script that is right but need not be shortest, so that time and memory stay
// bounded. patch.h applies what this makes. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samara {

/// A run of lines that `before` and `after` share, or that only one of them has.
struct LineEdit {
  enum class Kind { kKeep, kRemove, kAdd };
  Kind kind = Kind::kKeep;
  std::string_view line;  ///< without its line break; points into the text it came from
};

/// The lines of a text, without their line breaks. "a\n" and "a" both have one line.
std::vector<std::string_view> split_lines(std::string_view text);

/// A script that turns `before` into `after`, line by line: a shortest one up to 1,000 edits, and beyond that
/// one made of stretches which each are. Takes O((n + m) min(D, 1000)) time for D edits and at most 4 MB
/// besides the result. The texts must outlive the result.
std::vector<LineEdit> line_diff(std::string_view before, std::string_view after);
std::vector<LineEdit> line_diff(std::span<const std::string_view> before,
                                std::span<const std::string_view> after);

/// Unified diff hunks ("@@ -1,3 +1,4 @@" and lines), without file headers; empty for equal lines. A missing
/// final line break is no difference.
/// @param context lines shown around each change
std::string unified_diff(std::string_view before, std::string_view after, std::size_t context = 3);

/// The same, to the byte: a side whose last line has no line break says "\ No newline at end of file", as
/// `diff -u` does. Empty for equal texts. apply_patch(before, exact_unified_diff(before, after)) is `after`.
std::string exact_unified_diff(std::string_view before, std::string_view after, std::size_t context = 3);

}  // namespace samara
