// Hunk: one edit as the parsers read it and the applier finds it; a unified diff's hunk or a search/replace
// block. Views point into the reply. A plain value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/patch/line_diff.h"
#include "samara/patch/patch.h"

namespace samara::internal {

struct HunkLine {
  LineEdit::Kind kind = LineEdit::Kind::kKeep;
  std::string_view text;  ///< without '+', '-' or ' ' in front
  /// The line as written. A context line that lost its leading blank reads right here and not in `text`.
  std::string_view whole;
  /// It stands in a unified diff without '+', '-' or ' ' in front, and is not empty.
  bool bare = false;
};

struct Hunk {
  std::string name;  ///< for messages: "hunk 2 (@@ -10,3 +10,4 @@)"
  std::vector<HunkLine> lines;
  std::optional<std::size_t> at;  ///< index of the program's line where it says it begins
  std::string_view section;       ///< text after the second @@
  bool ordered = false;           ///< stands behind the hunk before it in the program, unless it cannot
  bool before_unterminated = false,
       after_unterminated = false;  ///< "\ No newline at end of file" of either side
};

using ParsedHunks = std::variant<std::vector<Hunk>, PatchRefusal>;

/// `program` decides whether a line without '+', '-' or ' ' is context or no part of the hunk.
ParsedHunks parse_unified_diff(std::string_view program, std::string_view reply);
ParsedHunks parse_search_replace(std::string_view reply);

/// The program in a reply: its fenced code block, or itself when it reads like code.
std::variant<std::string, PatchRefusal> extract_code(std::string_view reply);

/// Whether a hunk begins here, or a file's header that hunks follow.
bool starts_unified_diff(std::string_view reply);
bool starts_search_replace(std::string_view reply);

PatchResult apply_hunks(std::string_view before, const std::vector<Hunk>& hunks);

/// The text without white space: lines that agree in it are the same line, written differently.
std::string squeeze(std::string_view line);

}  // namespace samara::internal
