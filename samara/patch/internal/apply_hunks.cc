// Finds every hunk, then makes all changes at once: which lines of the program go, and what is inserted
// where. Context lines stay as the program has them.

#include <fmt/format.h>

#include <algorithm>

#include "samara/patch/internal/hunk.h"
#include "samara/patch/internal/locate.h"

namespace samara::internal {
namespace {

using Kind = LineEdit::Kind;

std::string_view leading_blanks(std::string_view line) {
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

/// How a hunk's lines were written differently from the program's, so that its added lines can follow suit.
struct Manner {
  std::string ours, theirs;  ///< indentation of one line, in the hunk and in the program
  std::optional<bool>
      carriage_return;  ///< whether lines end with it in the program, where the hunk disagrees

  std::string adapt(std::string_view line) const {
    std::string text(line);
    if (ours != theirs && text.find_first_not_of(" \t\r") != std::string::npos) {
      if (text.starts_with(ours)) {
        text.replace(0, ours.size(), theirs);
      } else if (theirs.size() >= ours.size()) {
        text.insert(0, theirs.substr(ours.size()));
      } else {
        text.erase(0, std::min(ours.size() - theirs.size(), leading_blanks(text).size()));
      }
    }
    if (carriage_return && text.ends_with('\r') != *carriage_return) {
      if (*carriage_return) {
        text += '\r';
      } else {
        text.pop_back();
      }
    }
    return text;
  }
};

/// A removed line shows best how the hunk indents, as added lines are written like it; else context does.
Manner manner_of(const ProgramLines& program, const Hunk& hunk, const Place& place) {
  Manner manner;
  bool from_removed = false, from_context = false;
  for (std::size_t i = 0; i < hunk.lines.size(); ++i) {
    if (place.at[i] == Place::kNowhere) continue;
    const HunkLine& line = hunk.lines[i];
    const std::string_view theirs = program.lines[place.at[i]];
    if (line.text.ends_with('\r') != theirs.ends_with('\r')) manner.carriage_return = theirs.ends_with('\r');
    const bool removed = line.kind == Kind::kRemove;
    if (from_removed || (from_context && !removed)) continue;
    // Context that reads right with the sign's place counted has merely lost the sign.
    const bool lost_sign = !removed && leading_blanks(line.whole) == leading_blanks(theirs);
    manner.ours = leading_blanks(lost_sign ? line.whole : line.text);
    manner.theirs = leading_blanks(theirs);
    (removed ? from_removed : from_context) = true;
  }
  return manner;
}

class Splicer {
 public:
  explicit Splicer(std::string_view before)
      : program_(before),
        terminated_(before.empty() || before.ends_with('\n')),
        removed_by_(program_.lines.size(), nullptr) {}

  const ProgramLines& program() const { return program_; }

  /// Notes the hunk's changes. Returns the program line behind it, or why it cannot be.
  std::variant<std::size_t, PatchRefusal> add(const Hunk& hunk, const Place& place) {
    const Manner manner = place.fuzz.match == Match::kExact ? Manner{} : manner_of(program_, hunk, place);
    std::size_t cursor = begin(hunk, place);
    for (std::size_t i = 0; i < hunk.lines.size(); ++i) {
      const HunkLine& line = hunk.lines[i];
      if (line.kind == Kind::kAdd) {
        inserted_.push_back({cursor, manner.adapt(line.text)});
        continue;
      }
      std::size_t at = place.at[i];
      if (at == Place::kNowhere) {
        // A blank line takes the program's next one, if that is blank too.
        const bool blank = squeeze(line.text).empty() && cursor < program_.lines.size() &&
                           squeeze(program_.lines[cursor]).empty();
        if (!blank) continue;
        at = cursor;
      }
      cursor = at + 1;
      if (line.kind != Kind::kRemove) continue;
      if (removed_by_[at] != nullptr) {
        return PatchRefusal{PatchProblem::kConflict,
                            fmt::format("{} and {} both change line {}; make one edit of them",
                                        removed_by_[at]->name, hunk.name, at + 1)};
      }
      removed_by_[at] = &hunk;
    }
    if (cursor == program_.lines.size() && (hunk.before_unterminated || hunk.after_unterminated)) {
      terminated_ = !hunk.after_unterminated;
    }
    return cursor;
  }

  std::string result() {
    std::stable_sort(inserted_.begin(), inserted_.end(),
                     [](const Insertion& a, const Insertion& b) { return a.at < b.at; });
    std::string text;
    auto insertion = inserted_.begin();
    for (std::size_t i = 0; i <= program_.lines.size(); ++i) {
      for (; insertion != inserted_.end() && insertion->at == i; ++insertion)
        (text += insertion->line) += '\n';
      if (i < program_.lines.size() && removed_by_[i] == nullptr) (text += program_.lines[i]) += '\n';
    }
    if (!terminated_ && !text.empty()) text.pop_back();
    return text;
  }

 private:
  struct Insertion {
    std::size_t at;  ///< in front of this line of the program
    std::string line;
  };

  /// Where the hunk's first line is: in front of the place by as many blank lines as both have there.
  std::size_t begin(const Hunk& hunk, const Place& place) const {
    std::size_t cursor = place.begin;
    if (place.fuzz.match == Match::kExact) return cursor;
    for (std::size_t i = 0; i < hunk.lines.size() && place.at[i] == Place::kNowhere; ++i) {
      const bool blank = hunk.lines[i].kind != Kind::kAdd && squeeze(hunk.lines[i].text).empty();
      if (blank && cursor > 0 && squeeze(program_.lines[cursor - 1]).empty()) --cursor;
    }
    return cursor;
  }

  ProgramLines program_;
  bool terminated_;  ///< the text ends with a line break
  std::vector<const Hunk*> removed_by_;
  std::vector<Insertion> inserted_;
};

}  // namespace

PatchResult apply_hunks(std::string_view before, const std::vector<Hunk>& hunks) {
  Splicer splicer(before);
  SearchBudget budget;
  Patched patched;
  patched.edits = hunks.size();
  std::size_t after = 0;
  std::ptrdiff_t shift = 0;
  for (const Hunk& hunk : hunks) {
    auto located = locate(splicer.program(), hunk, after, shift, budget);
    if (const auto* refusal = std::get_if<PatchRefusal>(&located)) return *refusal;
    const Place& place = std::get<Place>(located);
    auto added = splicer.add(hunk, place);
    if (const auto* refusal = std::get_if<PatchRefusal>(&added)) return *refusal;
    after = std::get<std::size_t>(added);
    if (hunk.at) shift = static_cast<std::ptrdiff_t>(place.begin) - static_cast<std::ptrdiff_t>(*hunk.at);
    patched.fuzz.match = std::max(patched.fuzz.match, place.fuzz.match);
    patched.fuzz.near_lines += place.fuzz.near_lines;
    patched.fuzz.dropped_context += place.fuzz.dropped_context;
    patched.fuzz.offset = std::max(patched.fuzz.offset, place.fuzz.offset);
  }
  patched.text = splicer.result();
  return patched;
}

}  // namespace samara::internal
