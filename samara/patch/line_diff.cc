#include "samara/patch/line_diff.h"

#include <fmt/format.h>

#include <algorithm>

namespace samara {
namespace {

/// Myers' greedy algorithm. `trace[d]` holds, for every diagonal k = x - y, the furthest x that d edits
/// reach.
std::vector<std::vector<std::ptrdiff_t>> furthest_paths(const std::vector<std::string_view>& a,
                                                        const std::vector<std::string_view>& b) {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  const auto m = static_cast<std::ptrdiff_t>(b.size());
  const std::ptrdiff_t offset = n + m + 1;
  std::vector<std::ptrdiff_t> furthest(2 * static_cast<std::size_t>(offset) + 1, 0);
  std::vector<std::vector<std::ptrdiff_t>> trace;
  const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t& {
    return furthest[static_cast<std::size_t>(k + offset)];
  };
  for (std::ptrdiff_t d = 0;; ++d) {
    for (std::ptrdiff_t k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      std::ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
      std::ptrdiff_t y = x - k;
      while (x < n && y < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)]) ++x, ++y;
      at(k) = x;
      if (x >= n && y >= m) {
        trace.push_back(furthest);
        return trace;
      }
    }
    trace.push_back(furthest);
  }
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<LineEdit> line_diff(std::string_view before, std::string_view after) {
  using Kind = LineEdit::Kind;
  const std::vector<std::string_view> a = split_lines(before), b = split_lines(after);
  const auto trace = furthest_paths(a, b);
  const auto offset = static_cast<std::ptrdiff_t>(a.size() + b.size() + 1);

  std::vector<LineEdit> edits;  // collected from the end
  auto x = static_cast<std::ptrdiff_t>(a.size()), y = static_cast<std::ptrdiff_t>(b.size());
  const auto keep_until = [&](std::ptrdiff_t start_x, std::ptrdiff_t start_y) {
    while (x > start_x && y > start_y) edits.push_back({Kind::kKeep, a[static_cast<std::size_t>(--x)]}), --y;
  };
  for (auto d = static_cast<std::ptrdiff_t>(trace.size()) - 1; d > 0; --d) {
    const auto& furthest = trace[static_cast<std::size_t>(d) - 1];
    const auto at = [&](std::ptrdiff_t k) { return furthest[static_cast<std::size_t>(k + offset)]; };
    const std::ptrdiff_t k = x - y;
    const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
    const std::ptrdiff_t previous_k = down ? k + 1 : k - 1;
    const std::ptrdiff_t previous_x = at(previous_k), previous_y = previous_x - previous_k;
    keep_until(down ? previous_x : previous_x + 1, down ? previous_y + 1 : previous_y);
    if (down) {
      edits.push_back({Kind::kAdd, b[static_cast<std::size_t>(--y)]});
    } else {
      edits.push_back({Kind::kRemove, a[static_cast<std::size_t>(--x)]});
    }
  }
  keep_until(0, 0);
  std::reverse(edits.begin(), edits.end());
  return edits;
}

std::string unified_diff(std::string_view before, std::string_view after, std::size_t context) {
  using Kind = LineEdit::Kind;
  const std::vector<LineEdit> edits = line_diff(before, after);
  const auto changed = [&](std::size_t i) { return edits[i].kind != Kind::kKeep; };

  std::string text;
  std::size_t line_a = 1, line_b = 1;  // numbers of the lines at edits[i]
  for (std::size_t i = 0; i < edits.size();) {
    // A hunk begins `context` lines before a change and ends where 2 * context kept lines (or the end) follow
    // one.
    std::size_t first_change = i;
    while (first_change < edits.size() && !changed(first_change)) ++first_change;
    if (first_change == edits.size()) break;
    const std::size_t begin = first_change - std::min(context, first_change - i);
    std::size_t end = first_change, kept = 0;
    for (std::size_t j = first_change; j < edits.size() && kept <= 2 * context; ++j) {
      kept = changed(j) ? 0 : kept + 1;
      if (kept == 0) end = j + 1;
    }
    end = std::min(end + context, edits.size());

    line_a += begin - i;
    line_b += begin - i;
    std::size_t count_a = 0, count_b = 0;
    std::string body;
    for (std::size_t j = begin; j < end; ++j) {
      const LineEdit& edit = edits[j];
      count_a += edit.kind != Kind::kAdd;
      count_b += edit.kind != Kind::kRemove;
      body += edit.kind == Kind::kKeep ? ' ' : edit.kind == Kind::kAdd ? '+' : '-';
      body += edit.line;
      body += '\n';
    }
    // A side without lines names the line before it, as diff -u does.
    text += fmt::format("@@ -{},{} +{},{} @@\n{}", count_a ? line_a : line_a - 1, count_a,
                        count_b ? line_b : line_b - 1, count_b, body);
    line_a += count_a;
    line_b += count_b;
    i = end;
  }
  return text;
}

}  // namespace samara
