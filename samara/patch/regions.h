// Regions: which parts of a program may change. EVOLVE-BLOCK-START and EVOLVE-BLOCK-END, in comments of any
// language, enclose them; a program without these may change as a whole. A program of several files is one
// text that begins with a line "=== path ===" and has one before each file; these lines never change. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"

namespace samara {

/// A part of a text that may change: bytes [begin, end), whole lines.
struct Region {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string path;  ///< of the file that it is in; empty in a program of one file
};

struct Regions {
  std::vector<Region> open;  ///< in the text's order; never empty
  bool marked = false;       ///< by EVOLVE-BLOCK comments
};

/// The path in a line "=== path ===" that begins a file of a program, without its line end; none for other
/// lines.
std::optional<std::string> file_header(std::string_view line);

/// Errors: kInvalidData for a block without an end or a start, or one inside another; the message names the
/// line.
Result<Regions> find_regions(std::string_view text);

/// The first line that may be meant as a marker and is none, as `REM EVOLVE-BLOCK-START`: its number and
/// text. In a text with markers that is one with at most one word before the marker, so that others may speak
/// of them; in a text without, any line that names one. None without such a line.
std::optional<std::string> unseen_marker(std::string_view text);

/// Why `after` may not follow `before`: one line that names what was changed outside of the open regions.
/// None when nothing was. White space at the ends of lines and of the text does not count.
std::optional<std::string> forbidden_change(std::string_view before, std::string_view after);

}  // namespace samara
