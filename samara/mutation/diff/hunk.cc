#include "samara/mutation/diff/hunk.h"

#include "samara/base/check.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {

std::vector<Hunk> hunks_between(std::string_view before, std::string_view after) {
  std::vector<Hunk> hunks;
  std::size_t line = 0;
  bool open = false;
  for (const LineEdit& edit : line_diff(before, after)) {
    if (edit.kind == LineEdit::Kind::kKeep) {
      open = false;
      ++line;
      continue;
    }
    if (!open) hunks.push_back({line, 0, {}});
    open = true;
    if (edit.kind == LineEdit::Kind::kRemove) {
      ++hunks.back().removed;
      ++line;
    } else {
      hunks.back().inserted.emplace_back(edit.line);
    }
  }
  return hunks;
}

std::string apply_hunks(std::string_view before, std::span<const Hunk> hunks) {
  const std::vector<std::string_view> lines = split_lines(before);
  std::string after;
  std::size_t next = 0;
  const auto add = [&](std::string_view line) {
    after += line;
    after += '\n';
  };
  for (const Hunk& hunk : hunks) {
    SAMARA_CHECK(hunk.line >= next && hunk.line + hunk.removed <= lines.size());
    for (; next < hunk.line; ++next) add(lines[next]);
    for (const std::string& line : hunk.inserted) add(line);
    next += hunk.removed;
  }
  for (; next < lines.size(); ++next) add(lines[next]);
  if (!before.empty() && !before.ends_with('\n') && !after.empty()) after.pop_back();
  return after;
}

}  // namespace samara::diff
