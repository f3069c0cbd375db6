// What PythonProgram::parse() finds out. Read by PythonGuard.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/diff/internal/python_names.h"
#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

struct PythonProgramData {
  struct Line {
    std::uint32_t begin = 0, length = 0;  ///< in `source`, without the line break
    bool broken = false;                  ///< it could not be read
    std::string_view comment;             ///< from `#` on, in `source`; empty: none
    PythonState before;                   ///< the reader at its beginning
    std::vector<std::uint16_t> binds;     ///< names, as indices into `names`
  };

  /// A name that is read.
  struct Read {
    std::uint32_t begin = 0;  ///< in `source`
    std::uint8_t length = 0;
    std::uint32_t line = 0;
  };

  std::string source;
  std::vector<Line> lines;
  std::vector<Read> reads;  ///< in the order of the text; of lines that could be read
  PythonState end;          ///< the reader behind the last line
  PythonNames names;
  std::uint32_t steps = 0;   ///< bit n: some block is indented by n columns; never 0
  bool has_modules = false;  ///< some name may be imported

  std::string_view text(std::size_t line) const {
    return std::string_view(source).substr(lines[line].begin, lines[line].length);
  }
  /// A line of the module itself, in no block and no brackets.
  bool is_outermost(std::size_t line) const {
    const std::string_view bytes = text(line);
    constexpr std::string_view kNone = " \t#";
    return !bytes.empty() && kNone.find(bytes[0]) == std::string_view::npos && lines[line].before.depth == 0;
  }
  /// The header of a function or class that is outermost.
  bool is_definition(std::size_t line) const {
    const std::string_view bytes = text(line);
    return bytes.starts_with("def ") || bytes.starts_with("class ") || bytes.starts_with("async def ");
  }
  /// Names, as indices into `names`, that an outermost line binds for all of the module: a definition its own
  /// and not its parameters'.
  std::span<const std::uint16_t> module_binds(std::size_t line) const {
    const std::span<const std::uint16_t> binds = lines[line].binds;
    return is_definition(line) ? binds.first(std::min<std::size_t>(binds.size(), 1)) : binds;
  }
  const PythonState& before(std::size_t line) const { return line < lines.size() ? lines[line].before : end; }
};

}  // namespace samara::diff::internal
