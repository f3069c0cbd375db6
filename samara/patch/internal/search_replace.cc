// Reads search/replace blocks:
//
//   <<<<<<< SEARCH
//   lines that the program has
//   =======
//   lines to put there
//   >>>>>>> REPLACE

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "samara/patch/internal/hunk.h"

namespace samara::internal {
namespace {

/// At least five of `sign`, then nothing or a word such as SEARCH.
bool is_marker(std::string_view line, char sign, bool may_have_word) {
  const std::size_t length = std::min(line.find_first_not_of(sign), line.size());
  if (length < 5) return false;
  const std::string_view rest = line.substr(length);
  const std::size_t word = rest.find_first_not_of(" \t\r");
  return word == std::string_view::npos || (may_have_word && word > 0);
}

bool is_search(std::string_view line) {
  return is_marker(line, '<', true) &&
         (line.find("SEARCH") != std::string_view::npos || line.find("ORIGINAL") != std::string_view::npos);
}
bool is_divider(std::string_view line) {
  return is_marker(line, '=', false);
}
bool is_replace(std::string_view line) {
  return is_marker(line, '>', true);
}

PatchRefusal malformed(std::size_t number, std::string_view what) {
  return {
      PatchProblem::kMalformed,
      fmt::format("search/replace block {} {}; write <<<<<<< SEARCH, the lines to find, =======, the lines "
                  "to put there, >>>>>>> REPLACE",
                  number, what)};
}

}  // namespace

bool starts_search_replace(std::string_view reply) {
  for (const std::string_view line : split_lines(reply)) {
    if (is_search(line)) return true;
  }
  return false;
}

ParsedHunks parse_search_replace(std::string_view reply) {
  const std::vector<std::string_view> all = split_lines(reply);
  const std::span<const std::string_view> lines(all);
  std::vector<Hunk> hunks;
  std::size_t number = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_search(lines[i])) continue;
    ++number;
    if (number > kMaxPatchEdits) {
      return PatchRefusal{
          PatchProblem::kTooLarge,
          fmt::format("more than {} search/replace blocks; send fewer changes at a time", kMaxPatchEdits)};
    }
    const std::size_t search = ++i;
    while (i < lines.size() && !is_divider(lines[i]) && !is_replace(lines[i]) && !is_search(lines[i])) ++i;
    if (i == lines.size() || !is_divider(lines[i])) return malformed(number, "has no ======= line");
    const std::size_t divider = i++;
    while (i < lines.size() && !is_replace(lines[i]) && !is_search(lines[i]) && !is_divider(lines[i])) ++i;
    if (i < lines.size() && is_divider(lines[i])) return malformed(number, "has more than one ======= line");
    if (i == lines.size() || is_search(lines[i])) return malformed(number, "has no >>>>>>> REPLACE line");

    // What both sides share is context, so that the program's own lines stay as they are.
    Hunk hunk;
    hunk.name = fmt::format("search/replace block {}", number);
    bool changes = false;
    for (const LineEdit& edit :
         line_diff(lines.subspan(search, divider - search), lines.subspan(divider + 1, i - divider - 1))) {
      hunk.lines.push_back({edit.kind, edit.line, edit.line, false});
      changes = changes || edit.kind != LineEdit::Kind::kKeep;
    }
    if (changes) hunks.push_back(std::move(hunk));
  }
  if (hunks.empty()) {
    return PatchRefusal{PatchProblem::kNoChange, "every search/replace block puts there what it finds"};
  }
  return hunks;
}

}  // namespace samara::internal
