#include "samara/patch/search_replace.h"

#include <algorithm>
#include <vector>

#include "samara/patch/line_diff.h"

namespace samara {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t kFineSteps = 8;

/// Lines [begin, end) of `before` become lines [new_begin, new_end) of `after`.
struct Change {
  std::size_t begin = 0, end = 0;
  std::size_t new_begin = 0, new_end = 0;
};

std::vector<Change> changes_between(const Lines& before, const Lines& after) {
  std::vector<Change> changes;
  std::size_t x = 0, y = 0;
  bool inside = false;
  for (const LineEdit& edit : line_diff(before, after)) {
    const bool keep = edit.kind == LineEdit::Kind::kKeep;
    if (!keep && !inside) changes.push_back({x, x, y, y});
    inside = !keep;
    x += edit.kind != LineEdit::Kind::kAdd;
    y += edit.kind != LineEdit::Kind::kRemove;
    if (inside) changes.back() = {changes.back().begin, x, changes.back().new_begin, y};
  }
  return changes;
}

/// Whether the lines of the change stand in `before` once only. Indentation is left out of the comparison, as
/// whoever applies the block may tolerate it.
bool is_unique(const Lines& before, const Change& change) {
  const auto bare = [](std::string_view line) {
    const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
    return line.substr(begin);
  };
  const auto equal = [&](std::string_view a, std::string_view b) { return bare(a) == bare(b); };
  const auto first = before.begin() + static_cast<std::ptrdiff_t>(change.begin);
  const auto last = before.begin() + static_cast<std::ptrdiff_t>(change.end);
  const auto place = std::search(before.begin(), before.end(), first, last, equal);
  return place != before.end() && std::search(place + 1, before.end(), first, last, equal) == before.end();
}

/// Takes in one more line on either side, where there is one.
void widen(Change& change, std::size_t lines) {
  if (change.begin > 0) --change.begin, --change.new_begin;
  if (change.end < lines) ++change.end, ++change.new_end;
}

}  // namespace

std::string search_replace_blocks(std::string_view before_text, std::string_view after_text) {
  const Lines before = split_lines(before_text), after = split_lines(after_text);
  std::vector<Change> blocks;
  for (Change change : changes_between(before, after)) {
    // By one line at first, then by more at a time, as texts of equal lines would take for ever.
    std::size_t grown = 0;
    do {
      const std::size_t target = grown < kFineSteps ? grown + 1 : 2 * grown;
      for (; grown < target; ++grown) {
        widen(change, before.size());
        while (!blocks.empty() && change.begin <= blocks.back().end) {  // grown into the one before
          change.begin = blocks.back().begin;
          change.new_begin = blocks.back().new_begin;
          blocks.pop_back();
        }
      }
    } while (!is_unique(before, change) && (change.begin > 0 || change.end < before.size()));
    blocks.push_back(change);
  }
  std::string text;
  const auto add_lines = [&](const Lines& lines, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) text.append(lines[i]) += '\n';
  };
  for (const Change& block : blocks) {
    text += "<<<<<<< SEARCH\n";
    add_lines(before, block.begin, block.end);
    text += "=======\n";
    add_lines(after, block.new_begin, block.new_end);
    text += ">>>>>>> REPLACE\n";
  }
  return text;
}

}  // namespace samara
