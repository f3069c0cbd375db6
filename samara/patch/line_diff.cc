#include "samara/patch/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace samara {
namespace {

using Kind = LineEdit::Kind;
using Ids = std::vector<std::uint32_t>;  ///< equal lines have equal numbers

/// Edits after which a stretch of the script is closed and a new one begun.
constexpr std::ptrdiff_t kMaxEdits = 1000;

Ids number_lines(std::span<const std::string_view> lines,
                 std::unordered_map<std::string_view, std::uint32_t>& numbers) {
  Ids ids;
  ids.reserve(lines.size());
  for (const std::string_view line : lines) {
    ids.push_back(numbers.try_emplace(line, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  return ids;
}

/// Furthest x on every diagonal k = x - y that d edits reach; only k = -d ... d can be.
class Frontier {
 public:
  explicit Frontier(std::ptrdiff_t d) : d_(d), x_(static_cast<std::size_t>(2 * d + 1), -1) {}
  std::int32_t& operator[](std::ptrdiff_t k) { return x_[static_cast<std::size_t>(k + d_)]; }
  std::ptrdiff_t at(std::ptrdiff_t k) const {
    return k < -d_ || k > d_ ? -1 : x_[static_cast<std::size_t>(k + d_)];
  }

 private:
  std::ptrdiff_t d_;
  std::vector<std::int32_t> x_;
};

/// Whether the best path to diagonal k with one edit more goes down (adds a line), given the frontier before.
bool goes_down(const Frontier& before, std::ptrdiff_t d, std::ptrdiff_t k) {
  return k == -d || (k != d && before.at(k - 1) < before.at(k + 1));
}

/// A stretch of the script from the start of `a` and `b`: all of it when it has at most kMaxEdits edits, else
/// the one of so many edits that gets furthest.
std::vector<Kind> shortest_stretch(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  const auto n = static_cast<std::ptrdiff_t>(a.size()), m = static_cast<std::ptrdiff_t>(b.size());
  std::vector<Frontier> trace;
  std::ptrdiff_t end_k = 0;
  for (bool finished = false; !finished;) {
    const auto d = static_cast<std::ptrdiff_t>(trace.size());
    Frontier& now = trace.emplace_back(d);
    std::ptrdiff_t best = -1;
    for (std::ptrdiff_t k = -d; k <= d && !finished; k += 2) {
      std::ptrdiff_t x = 0;
      if (d > 0) {
        const Frontier& before = trace[static_cast<std::size_t>(d) - 1];
        x = goes_down(before, d, k) ? before.at(k + 1) : before.at(k - 1) + 1;
      }
      std::ptrdiff_t y = x - k;
      // Paths may leave the grid, where they gain nothing.
      while (x < n && y < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)]) ++x, ++y;
      now[k] = static_cast<std::int32_t>(x);
      if (x <= n && y <= m && x + y > best) best = x + y, end_k = k;
      finished = x >= n && y >= m;
    }
    finished = finished || d == kMaxEdits;
  }

  std::vector<Kind> edits;  // collected from the end
  std::ptrdiff_t k = end_k, x = trace.back().at(k);
  for (auto d = static_cast<std::ptrdiff_t>(trace.size()) - 1; d > 0; --d) {
    const Frontier& before = trace[static_cast<std::size_t>(d) - 1];
    const bool down = goes_down(before, d, k);
    const std::ptrdiff_t start = down ? before.at(k + 1) : before.at(k - 1) + 1;
    edits.insert(edits.end(), static_cast<std::size_t>(x - start), Kind::kKeep);
    edits.push_back(down ? Kind::kAdd : Kind::kRemove);
    k += down ? 1 : -1;
    x = before.at(k);
  }
  edits.insert(edits.end(), static_cast<std::size_t>(x), Kind::kKeep);
  std::reverse(edits.begin(), edits.end());
  return edits;
}

/// The lines of a text with their line breaks, so that a missing one is a difference.
std::vector<std::string_view> split_whole_lines(std::string_view text) {
  std::vector<std::string_view> lines = split_lines(text);
  for (std::string_view& line : lines) {
    const bool broken = line.data() + line.size() < text.data() + text.size();
    line = {line.data(), line.size() + broken};
  }
  return lines;
}

/// "+line", its line break, and the remark that the text has none there.
void write_line(const LineEdit& edit, bool exact, std::string& text) {
  text += edit.kind == Kind::kKeep ? ' ' : edit.kind == Kind::kAdd ? '+' : '-';
  text += edit.line;
  if (!exact) {
    text += '\n';
  } else if (!edit.line.ends_with('\n')) {
    text += "\n\\ No newline at end of file\n";
  }
}

/// @param exact the edits' lines have their line breaks
std::string write_hunks(const std::vector<LineEdit>& edits, std::size_t context, bool exact) {
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
      count_a += edits[j].kind != Kind::kAdd;
      count_b += edits[j].kind != Kind::kRemove;
      write_line(edits[j], exact, body);
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

std::vector<LineEdit> line_diff(std::span<const std::string_view> before,
                                std::span<const std::string_view> after) {
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  const Ids a = number_lines(before, numbers), b = number_lines(after, numbers);
  std::vector<LineEdit> edits;
  for (std::size_t x = 0, y = 0; x < a.size() || y < b.size();) {
    for (const Kind kind : shortest_stretch(std::span(a).subspan(x), std::span(b).subspan(y))) {
      edits.push_back({kind, kind == Kind::kAdd ? after[y] : before[x]});
      x += kind != Kind::kAdd;
      y += kind != Kind::kRemove;
    }
  }
  return edits;
}

std::vector<LineEdit> line_diff(std::string_view before, std::string_view after) {
  return line_diff(split_lines(before), split_lines(after));
}

std::string unified_diff(std::string_view before, std::string_view after, std::size_t context) {
  return write_hunks(line_diff(before, after), context, false);
}

std::string exact_unified_diff(std::string_view before, std::string_view after, std::size_t context) {
  return write_hunks(line_diff(split_whole_lines(before), split_whole_lines(after)), context, true);
}

}  // namespace samara
