#include "samara/patch/regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "samara/base/text.h"

namespace samara {
namespace {

constexpr std::string_view kStart = "EVOLVE-BLOCK-START";
constexpr std::string_view kEnd = "EVOLVE-BLOCK-END";

enum class Marker { kNone, kStart, kEnd };

/// A comment that holds a marker and nothing before it but what begins comments: "# ", "// ", "<!-- ", "(* ".
Marker marker_of(std::string_view line) {
  const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  std::size_t at = 0;
  while (at < line.size() && !is_word(static_cast<unsigned char>(line[at]))) ++at;
  const std::string_view word = line.substr(at);
  const bool comment = line.substr(0, at).find_first_not_of(" \t") != std::string_view::npos;
  if (!comment) return Marker::kNone;
  return word.starts_with(kStart) ? Marker::kStart : word.starts_with(kEnd) ? Marker::kEnd : Marker::kNone;
}

std::string_view right_trimmed(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r\n\f\v");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Calls visit(begin, end, line) for every line; `end` is behind its line end.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    visit(begin, end, right_trimmed(text.substr(begin, end - begin)));
    begin = end;
  }
}

/// A line outside of the regions, or the place of a region among them.
struct Fixed {
  std::string_view text;
  std::size_t line = 0;  // its number
  bool open = false;     // a region stands here
};

std::vector<Fixed> fixed_lines(std::string_view text, const Regions& regions) {
  std::vector<Fixed> lines;
  std::size_t number = 0, region = 0;
  // Regions may be empty, so that they are met between lines.
  const auto pass_regions = [&](std::size_t offset) {
    while (region < regions.open.size() && regions.open[region].begin <= offset) {
      lines.push_back({{}, number, true});
      ++region;
    }
  };
  for_each_line(text, [&](std::size_t begin, std::size_t, std::string_view line) {
    ++number;
    pass_regions(begin);
    const bool inside = region > 0 && begin < regions.open[region - 1].end;
    if (!inside) lines.push_back({line, number, false});
  });
  pass_regions(text.size());
  while (!lines.empty() && !lines.back().open && lines.back().text.empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::optional<std::string> file_header(std::string_view line) {
  line = right_trimmed(line);
  constexpr std::string_view kBar = "===";
  if (line.size() < 9 || !line.starts_with("=== ") || !line.ends_with(" ===")) return std::nullopt;
  const std::string_view path = line.substr(kBar.size() + 1, line.size() - 2 * (kBar.size() + 1));
  if (path.empty() || path.find_first_of(" \t\"'") != std::string_view::npos) return std::nullopt;
  return std::string(path);
}

Result<Regions> find_regions(std::string_view text) {
  Regions blocks, files;
  std::string path;
  std::size_t number = 0, opened_at = 0;
  std::optional<Error> fault;
  const auto fail = [&](std::string_view what, std::size_t line) {
    if (!fault) fault = make_error(ErrorCode::kInvalidData, "line {}: {}", line, what);
  };
  files.open.push_back({0, text.size(), ""});
  bool headed = false;
  for_each_line(text, [&](std::size_t begin, std::size_t end, std::string_view line) {
    ++number;
    const std::optional<std::string> header = file_header(line);
    // Programs of several files begin with a header; in others such a line is a line.
    if (header && (headed || begin == 0)) {
      path = *header;
      if (opened_at != 0) fail("a file begins inside an EVOLVE-BLOCK", number);
      if (headed) files.open.back().end = begin;
      if (!headed) files.open.clear();
      headed = true;
      files.open.push_back({end, text.size(), path});
      return;
    }
    const Marker marker = marker_of(line);
    if (marker == Marker::kStart) {
      if (opened_at != 0) fail("an EVOLVE-BLOCK begins inside another", number);
      opened_at = number;
      blocks.open.push_back({end, text.size(), path});
    } else if (marker == Marker::kEnd) {
      if (opened_at == 0) {
        fail("EVOLVE-BLOCK-END without a start", number);
      } else {
        blocks.open.back().end = begin;
      }
      opened_at = 0;
    }
  });
  if (opened_at != 0) fail("EVOLVE-BLOCK-START without an end", opened_at);
  if (fault) return *fault;
  blocks.marked = !blocks.open.empty();
  return blocks.marked ? blocks : files;
}

std::optional<std::string> unseen_marker(std::string_view text) {
  std::optional<std::string> alone, any;  // with at most one word before it; with whatever
  bool marked = false;
  std::size_t number = 0;
  for_each_line(text, [&](std::size_t, std::size_t, std::string_view line) {
    ++number;
    if (marker_of(line) != Marker::kNone) {
      marked = true;
      return;
    }
    const std::size_t at = std::min(line.find(kStart), line.find(kEnd));
    if (at == std::string_view::npos) return;
    std::string_view before = right_trimmed(line.substr(0, at));
    before.remove_prefix(std::min(before.find_first_not_of(" \t"), before.size()));
    const std::string place = fmt::format("line {}: \"{}\"", number, one_line(sanitize_utf8(line), 80));
    if (!any) any = place;
    if (!alone && before.find_first_of(" \t") == std::string_view::npos) alone = place;
  });
  return marked ? alone : any;
}

std::optional<std::string> forbidden_change(std::string_view before, std::string_view after) {
  const Result<Regions> old_regions = find_regions(before);
  if (!old_regions.ok()) return std::nullopt;  // nothing is marked well enough to be held to
  const std::vector<Fixed> old_lines = fixed_lines(before, *old_regions);
  const bool whole =
      !old_regions->marked && old_regions->open.size() == 1 && old_regions->open[0].path.empty();
  if (whole) return std::nullopt;
  const Result<Regions> new_regions = find_regions(after);
  if (!new_regions.ok())
    return fmt::format("breaks the EVOLVE-BLOCK markers: {}", new_regions.error().message);
  const std::vector<Fixed> new_lines = fixed_lines(after, *new_regions);

  const auto same = [](const Fixed& a, const Fixed& b) { return a.open == b.open && a.text == b.text; };
  const auto [old_at, new_at] =
      std::mismatch(old_lines.begin(), old_lines.end(), new_lines.begin(), new_lines.end(), same);
  if (old_at == old_lines.end() && new_at == new_lines.end()) return std::nullopt;
  if (old_at != old_lines.end() && !old_at->open) {
    return fmt::format("changes line {} of its parent, which is outside of what may change: \"{}\"",
                       old_at->line, one_line(sanitize_utf8(old_at->text), 80));
  }
  if (new_at != new_lines.end()) {
    return fmt::format("adds line {} outside of what may change: \"{}\"", new_at->line,
                       one_line(sanitize_utf8(new_at->text), 80));
  }
  return "leaves out a part that may change";
}

}  // namespace samara
