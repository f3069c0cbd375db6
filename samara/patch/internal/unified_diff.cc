// Reads unified diffs as models write them. A hunk whose counts are right is taken at its word; for any other
// the lines themselves have to say where it ends.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "samara/base/text.h"
#include "samara/patch/internal/hunk.h"

namespace samara::internal {
namespace {

using Kind = LineEdit::Kind;
using Lines = std::vector<std::string_view>;

struct Range {
  std::size_t start = 0, count = 1;
};

/// Reads "12,3" or "12" behind `sign`, and steps over it.
std::optional<Range> read_range(std::string_view& text, char sign) {
  const std::size_t at = text.find(sign);
  if (at == std::string_view::npos) return std::nullopt;
  Range range;
  const char* const end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data() + at + 1, end, range.start);
  if (error != std::errc{}) return std::nullopt;
  if (next != end && *next == ',') {
    const auto count = std::from_chars(next + 1, end, range.count);
    if (count.ec != std::errc{}) return std::nullopt;
    next = count.ptr;
  }
  text.remove_prefix(static_cast<std::size_t>(next - text.data()));
  return range;
}

struct Header {
  std::optional<Range> before, after;
  std::string_view section;
};

/// "@@ -1,3 +1,4 @@ def f():", "@@ ... @@", "@@", "@@ def f():".
Header read_header(std::string_view line) {
  Header header;
  std::string_view rest = line.substr(2);
  header.before = read_range(rest, '-');
  if (header.before) header.after = read_range(rest, '+');
  if (const std::size_t close = rest.find("@@"); close != std::string_view::npos) {
    const std::string_view tail = rest.substr(close + 2);
    rest = tail.find_first_not_of(" \t\r") != std::string_view::npos ? tail : rest.substr(0, close);
  } else if (header.after) {
    rest = {};
  }
  header.section = rest;
  return header;
}

bool is_fence(std::string_view line) {
  return line.starts_with("```") || line.starts_with("~~~");
}

/// "--- a/file" with "+++ b/file" after it.
bool is_file_header(const Lines& lines, std::size_t i) {
  return lines[i].starts_with("---") && i + 1 < lines.size() && lines[i + 1].starts_with("+++") &&
         (lines[i].size() == 3 || lines[i][3] == ' ') && (lines[i + 1].size() == 3 || lines[i + 1][3] == ' ');
}

bool is_diff_fence(std::string_view line) {
  return is_fence(line) &&
         (line.find("diff") != std::string_view::npos || line.find("patch") != std::string_view::npos);
}

bool is_signed(std::string_view line) {
  return !line.empty() && (line[0] == '+' || line[0] == '-');
}

class Parser {
 public:
  Parser(std::string_view program, std::string_view reply) : lines_(split_lines(reply)) {
    for (const std::string_view line : split_lines(program)) known_.insert(squeeze(line));
  }

  ParsedHunks parse() {
    while (at_ < lines_.size()) {
      if (!begin_hunk()) continue;
      if (hunks_.size() == kMaxPatchEdits) {
        return PatchRefusal{
            PatchProblem::kTooLarge,
            fmt::format("the diff has more than {} hunks; send fewer changes at a time", kMaxPatchEdits)};
      }
      Hunk hunk;
      hunk.ordered = true;
      hunk.section = header_.section;
      hunk.name = name(hunks_.size() + 1);
      if (!read_counted(hunk)) read_lenient(hunk);
      if (hunk.lines.empty()) continue;
      place(hunk);
      hunks_.push_back(std::move(hunk));
    }
    if (hunks_.empty()) read_headerless();
    std::erase_if(hunks_, [](const Hunk& hunk) {
      for (const HunkLine& line : hunk.lines) {
        if (line.kind != Kind::kKeep) return false;
      }
      return true;
    });
    if (hunks_.empty()) {
      return PatchRefusal{
          PatchProblem::kNoChange,
          "the diff has no line that begins with '+' or '-'; mark the lines to add and remove"};
    }
    return std::move(hunks_);
  }

 private:
  /// Moves past a line that is outside of all hunks; true if a hunk begins behind it.
  bool begin_hunk() {
    const std::string_view line = lines_[at_];
    header_ = {};
    header_line_ = {};
    if (line.starts_with("@@")) {
      header_ = read_header(line);
      header_line_ = line;
      ++at_;
      return true;
    }
    // Hunks without "@@" lines: right behind a file's header or the fence of a diff.
    bool opens = false;
    if (is_file_header(lines_, at_)) {
      ++at_;
      opens = true;
    } else if (is_diff_fence(line) || line.starts_with("*** Update File:")) {
      opens = true;
    }
    ++at_;
    return opens && at_ < lines_.size() && !lines_[at_].starts_with("@@") && !is_fence(lines_[at_]) &&
           !is_file_header(lines_, at_) && (is_signed(lines_[at_]) || is_context(lines_[at_]));
  }

  bool is_context(std::string_view line) const {
    return line.starts_with(' ') || known_.contains(squeeze(line));
  }

  std::string name(std::size_t number) const {
    if (header_line_.empty()) return fmt::format("hunk {}", number);
    return fmt::format("hunk {} ({})", number, one_line(sanitize_utf8(header_line_), 60));
  }

  static void add(Hunk& hunk, std::string_view line) {
    HunkLine entry{Kind::kKeep, line, line, false};
    if (line.starts_with('+') || line.starts_with('-') || line.starts_with(' ')) {
      entry.kind = line[0] == '+' ? Kind::kAdd : line[0] == '-' ? Kind::kRemove : Kind::kKeep;
      entry.text.remove_prefix(1);
    } else {
      entry.bare = !line.empty();
    }
    hunk.lines.push_back(entry);
  }

  /// "\ No newline at end of file" speaks of the line before it.
  static void mark_unterminated(Hunk& hunk) {
    if (hunk.lines.empty()) return;
    const Kind kind = hunk.lines.back().kind;
    if (kind != Kind::kAdd) hunk.before_unterminated = true;
    if (kind != Kind::kRemove) hunk.after_unterminated = true;
  }

  /// Reads a hunk as its counts say, provided that they fit what is there.
  bool read_counted(Hunk& hunk) {
    if (!header_.before || !header_.after) return false;
    std::size_t before = header_.before->count, after = header_.after->count, i = at_;
    Hunk read = hunk;
    for (; (before > 0 || after > 0) && i < lines_.size(); ++i) {
      const std::string_view line = lines_[i];
      if (line.starts_with("\\ ")) {
        mark_unterminated(read);
        continue;
      }
      const bool in_before = line.empty() || line[0] == ' ' || line[0] == '-';
      const bool in_after = line.empty() || line[0] == ' ' || line[0] == '+';
      if ((!in_before && !in_after) || before < in_before || after < in_after) return false;
      before -= in_before;
      after -= in_after;
      add(read, line);
    }
    if (before > 0 || after > 0 || read.lines.empty()) return false;
    if (i < lines_.size() && lines_[i].starts_with("\\ ")) {
      mark_unterminated(read);
      ++i;
    }
    // More lines of a hunk than the counts say: they are wrong. "-- " begins a mail's signature.
    if (i < lines_.size() && !is_file_header(lines_, i) && lines_[i] != "-- " &&
        (is_signed(lines_[i]) || lines_[i].starts_with(' '))) {
      return false;
    }
    at_ = i;
    hunk = std::move(read);
    return true;
  }

  /// Reads a hunk up to the next header, fence, or line that is in no program.
  void read_lenient(Hunk& hunk) {
    for (; at_ < lines_.size(); ++at_) {
      const std::string_view line = lines_[at_];
      if (line.starts_with("@@") || is_fence(line) || is_file_header(lines_, at_)) break;
      if (line.starts_with("\\ ")) {
        mark_unterminated(hunk);
      } else if (line.empty() || is_signed(line) || is_context(line) || is_enclosed(at_)) {
        add(hunk, line);
      } else {
        break;
      }
    }
    while (!hunk.lines.empty() && hunk.lines.back().whole.empty()) hunk.lines.pop_back();
  }

  /// Whether a foreign line stands inside a hunk: what is right behind it, before an empty line, adds or
  /// removes; and it is not prose that an empty line sets off.
  bool is_enclosed(std::size_t i) const {
    if (i == 0 || lines_[i - 1].empty()) return false;
    const std::size_t end = std::min(lines_.size(), i + 20);  // looks no further, so that time stays linear
    for (++i; i < end && !lines_[i].empty() && !lines_[i].starts_with("@@"); ++i) {
      if (is_fence(lines_[i]) || is_file_header(lines_, i)) return false;
      if (is_signed(lines_[i])) return true;
    }
    return false;
  }

  void place(Hunk& hunk) const {
    if (!header_.before) return;
    bool has_before = false;
    for (const HunkLine& line : hunk.lines) has_before = has_before || line.kind != Kind::kAdd;
    // A side without lines names the line before it.
    const bool names_line_before = !has_before && header_.before->count == 0;
    hunk.at = header_.before->start - (!names_line_before && header_.before->start > 0);
  }

  /// A text of nothing but '+', '-' and ' ' lines is one hunk.
  void read_headerless() {
    for (const std::string_view line : lines_) {
      if (!line.empty() && !is_signed(line) && line[0] != ' ') return;
    }
    at_ = 0;
    Hunk hunk;
    hunk.name = name(1);
    read_lenient(hunk);
    if (!hunk.lines.empty()) hunks_.push_back(std::move(hunk));
  }

  Lines lines_;
  std::unordered_set<std::string> known_;  ///< the program's lines, squeezed
  std::size_t at_ = 0;
  Header header_;
  std::string_view header_line_;
  std::vector<Hunk> hunks_;
};

}  // namespace

bool starts_unified_diff(std::string_view reply) {
  const Lines lines = split_lines(reply);
  bool only_hunk_lines = true, changes = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("@@") || is_file_header(lines, i) || is_diff_fence(lines[i]) ||
        lines[i].starts_with("*** Update File:")) {
      return true;
    }
    only_hunk_lines =
        only_hunk_lines && (lines[i].empty() || is_signed(lines[i]) || lines[i].starts_with(' '));
    changes = changes || is_signed(lines[i]);
  }
  return only_hunk_lines && changes;
}

ParsedHunks parse_unified_diff(std::string_view program, std::string_view reply) {
  return Parser(program, reply).parse();
}

}  // namespace samara::internal
