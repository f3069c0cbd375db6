#include "samara/patch/internal/locate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "samara/base/check.h"
#include "samara/base/text.h"

namespace samara::internal {
namespace {

using Kind = LineEdit::Kind;

/// A place where a hunk could go; `cost` compares places of the same kind of match.
struct Candidate {
  std::size_t begin = 0;  ///< program line
  std::size_t first = 0;  ///< index of the window in `lines` (exact) or `solid`
  std::size_t cost = 0;
};

/// All positions of `pattern` in `text`, overlapping ones too (Knuth, Morris and Pratt 1977).
std::vector<std::size_t> occurrences(const std::vector<std::uint32_t>& text,
                                     const std::vector<std::uint32_t>& pattern) {
  std::vector<std::size_t> found, border(pattern.size() + 1, 0);
  if (pattern.empty() || pattern.size() > text.size()) return found;
  for (std::size_t i = 1, k = 0; i < pattern.size(); ++i) {
    while (k > 0 && pattern[i] != pattern[k]) k = border[k];
    if (pattern[i] == pattern[k]) ++k;
    border[i + 1] = k;
  }
  for (std::size_t i = 0, k = 0; i < text.size(); ++i) {
    while (k > 0 && (k == pattern.size() || text[i] != pattern[k])) k = border[k];
    if (text[i] == pattern[k]) ++k;
    if (k == pattern.size()) found.push_back(i + 1 - k);
  }
  return found;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

std::string quote(std::string_view line) {
  return "`" + one_line(sanitize_utf8(line), 80) + "`";
}

class Locator {
 public:
  Locator(const ProgramLines& program, const Hunk& hunk, std::size_t after, std::ptrdiff_t shift,
          SearchBudget& budget)
      : program_(program), hunk_(hunk), after_(after), shift_(shift), budget_(budget) {
    for (std::size_t i = 0; i < hunk.lines.size(); ++i) {
      const HunkLine& line = hunk.lines[i];
      if (line.kind == Kind::kAdd) continue;
      old_.push_back(i);
      bare_ = bare_ || line.bare;
      const std::string squeezed = squeeze(line.text);
      if (squeezed.empty()) continue;
      solid_.push_back(i);
      solid_text_.push_back(squeezed);
      solid_ids_.push_back(program.squeezed_id(squeezed));
    }
  }

  std::variant<Place, PatchRefusal> locate() {
    if (old_.empty()) return without_context();
    if (const auto found = exact(); !found.empty()) return choose(found, Match::kExact);
    if (const auto found = squeezed(); !found.empty()) return choose(found, Match::kWhiteSpace);
    if (const auto found = near(); !found.empty()) return choose(found, Match::kNear);
    return not_found();
  }

 private:
  // --- Candidates ---

  std::vector<Candidate> exact() const {
    if (bare_) return {};
    std::vector<std::uint32_t> pattern;
    for (const std::size_t i : old_) pattern.push_back(program_.exact_id(hunk_.lines[i].text));
    std::vector<Candidate> found;
    for (const std::size_t first : occurrences(program_.exact, pattern)) found.push_back({first, first, 0});
    return found;
  }

  std::vector<Candidate> squeezed() const {
    std::vector<Candidate> found;
    for (const std::size_t first : occurrences(program_.solid_ids, solid_ids_)) {
      found.push_back({program_.solid[first], first, 0});
    }
    return found;
  }

  /// Near matches are compared line by line; what differs must be a typo, or context at an edge of the hunk.
  std::vector<Candidate> near() {
    std::vector<Candidate> found;
    const std::size_t n = program_.solid.size(), p = solid_.size();
    if (n == 0 || p == 0) return found;
    // A window may stick out of the program by the context that may be dropped.
    const auto out = static_cast<std::ptrdiff_t>(std::min<std::size_t>(kMaxDropped, p - 1));
    const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(n) - static_cast<std::ptrdiff_t>(p) + out;
    for (std::ptrdiff_t first = -out; first <= last; ++first) {
      const std::optional<Window> window = compare(first);
      if (!window) continue;
      std::size_t line = 0;
      while (window->at[line] == Place::kNowhere) ++line;
      found.push_back({window->at[line], static_cast<std::size_t>(first), window->cost});
    }
    if (budget_.left == 0) found.clear();  // what was not compared may fit as well
    return found;
  }

  /// Context lines that may be dropped at either edge, as patch -F2 does.
  static constexpr std::size_t kMaxDropped = 2;
  /// A line that agrees must have as many characters to be evidence; "}" or "pass" stands anywhere.
  static constexpr std::size_t kEvidence = 8;
  static constexpr std::size_t kDroppedCost = 8;  ///< in typos

  struct Window {
    std::vector<std::size_t> at;  ///< program line of each solid line of the hunk
    std::size_t cost = 0, near_lines = 0, dropped = 0;
  };

  /// The hunk's solid lines against the program's from solid line `first` on; nothing if too much differs.
  std::optional<Window> compare(std::ptrdiff_t first) {
    const std::size_t p = solid_.size();
    const auto solid_at = [&](std::size_t i) {
      return static_cast<std::size_t>(first + static_cast<std::ptrdiff_t>(i));
    };
    std::vector<std::size_t> differing;
    std::size_t evidence = 0;
    const std::size_t most = p / 3 + 1 + 2 * kMaxDropped;
    for (std::size_t i = 0; i < p; ++i) {
      const std::size_t j = solid_at(i);
      if (j < program_.solid.size() && program_.solid_ids[j] == solid_ids_[i]) {
        evidence += solid_text_[i].size();
      } else {
        differing.push_back(i);
        if (differing.size() > most) break;
      }
    }
    if (!budget_.spend(differing.empty() ? p : differing.back() + 1)) return std::nullopt;
    if (differing.size() > most || (p > 1 && evidence < kEvidence)) return std::nullopt;

    Window window{std::vector<std::size_t>(p, Place::kNowhere)};
    for (std::size_t i = 0; i < p; ++i) {
      if (solid_at(i) < program_.solid.size()) window.at[i] = program_.solid[solid_at(i)];
    }
    std::vector<std::size_t> foreign;  // neither the program's line nor a typo of it
    for (const std::size_t i : differing) {
      const std::size_t distance = typo(i, solid_at(i));
      if (distance == 0) {
        foreign.push_back(i);
      } else {
        window.cost += distance;
        ++window.near_lines;
      }
    }
    if (window.near_lines > p / 3 + 1) return std::nullopt;
    std::size_t head = 0, tail = 0;
    while (head < foreign.size() && foreign[head] == head && is_context(head)) ++head;
    while (head + tail < foreign.size() && foreign[foreign.size() - 1 - tail] == p - 1 - tail &&
           is_context(p - 1 - tail)) {
      ++tail;
    }
    window.dropped = foreign.size();
    if (head + tail < foreign.size() || head > kMaxDropped || tail > kMaxDropped || window.dropped == p) {
      return std::nullopt;
    }
    window.cost += kDroppedCost * window.dropped;
    for (const std::size_t i : foreign) {
      // Context that the program has elsewhere was not invented: the hunk may mean that place.
      if (solid_ids_[i] != ProgramLines::kUnknown) return std::nullopt;
      window.at[i] = Place::kNowhere;
    }
    return window;
  }

  bool is_context(std::size_t i) const { return hunk_.lines[solid_[i]].kind == Kind::kKeep; }

  /// Edits between line i of the hunk and the program's, where they are few enough for a typo; otherwise 0.
  std::size_t typo(std::size_t i, std::size_t solid) {
    if (solid >= program_.solid.size()) return 0;
    const std::string &ours = solid_text_[i], &theirs = program_.solid_text[solid];
    const std::size_t length = std::max(ours.size(), theirs.size());
    if (solid_.size() == 1 && ours.size() < kEvidence) return 0;
    const std::size_t limit = std::clamp<std::size_t>(length / 5, 1, 20);
    if (std::min(ours.size(), theirs.size()) + limit < length || length < 3) return 0;
    if (!budget_.spend(length * (2 * limit + 1))) return 0;
    const std::size_t distance = bounded_distance(ours, theirs, limit);
    return distance > limit ? 0 : distance;
  }

  // --- Choosing ---

  std::variant<Place, PatchRefusal> choose(const std::vector<Candidate>& all, Match match) {
    // A place that costs up to twice as much fits about as well.
    std::size_t least = all[0].cost;
    for (const Candidate& candidate : all) least = std::min(least, candidate.cost);
    std::vector<Candidate> best;
    for (const Candidate& candidate : all) {
      if (candidate.cost <= 2 * least) best.push_back(candidate);
    }
    if (best.size() > 1) {
      if (const Candidate* stated = at_stated_line(best)) return place(*stated, match);
      keep_some(best, [&](const Candidate& c) { return in_section(c); });
      if (hunk_.ordered) keep_some(best, [&](const Candidate& c) { return c.begin >= after_; });
      if (best.size() > 1) {
        if (const Candidate* stated = nearest_by_far(best)) return place(*stated, match);
        return ambiguous(best);
      }
    }
    return place(best[0], match);
  }

  std::size_t distance(const Candidate& candidate) const {
    const std::ptrdiff_t expected = static_cast<std::ptrdiff_t>(*hunk_.at) + shift_;
    return static_cast<std::size_t>(std::abs(static_cast<std::ptrdiff_t>(candidate.begin) - expected));
  }

  const Candidate* at_stated_line(const std::vector<Candidate>& candidates) const {
    for (const Candidate& candidate : candidates) {
      if (hunk_.at && candidate.begin == *hunk_.at) return &candidate;
    }
    return nullptr;
  }

  /// A line number decides where one place is less than half as far from it as any other.
  const Candidate* nearest_by_far(const std::vector<Candidate>& candidates) const {
    if (!hunk_.at) return nullptr;
    const Candidate* nearest = &candidates[0];
    for (const Candidate& candidate : candidates) {
      if (distance(candidate) < distance(*nearest)) nearest = &candidate;
    }
    for (const Candidate& candidate : candidates) {
      if (&candidate != nearest && distance(candidate) <= 2 * distance(*nearest)) return nullptr;
    }
    return nearest;
  }

  /// Whether the candidate stands in the block that the hunk's section ("def f():") opens.
  bool in_section(const Candidate& candidate) {
    const std::uint32_t section = program_.squeezed_id(squeeze(hunk_.section));
    if (section == ProgramLines::kUnknown || !budget_.spend(program_.solid.size())) return false;
    const auto end = std::upper_bound(program_.solid.begin(), program_.solid.end(), candidate.begin);
    std::size_t inside = indentation(program_.lines[candidate.begin]);
    for (auto solid = end; solid != program_.solid.begin();) {
      --solid;
      const std::size_t indent = indentation(program_.lines[*solid]);
      const auto i = static_cast<std::size_t>(solid - program_.solid.begin());
      if (program_.solid_ids[i] == section && (indent < inside || *solid == candidate.begin)) return true;
      inside = std::min(inside, indent);
    }
    return false;
  }

  template <typename Wanted>
  static void keep_some(std::vector<Candidate>& candidates, Wanted wanted) {
    std::vector<Candidate> kept;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept), wanted);
    if (!kept.empty()) candidates = std::move(kept);
  }

  Place place(const Candidate& candidate, Match match) {
    Place place;
    place.at.assign(hunk_.lines.size(), Place::kNowhere);
    place.begin = candidate.begin;
    place.fuzz.match = match;
    if (match == Match::kExact) {
      for (std::size_t i = 0; i < old_.size(); ++i) place.at[old_[i]] = candidate.first + i;
    } else {
      for (std::size_t i = 0; i < solid_.size(); ++i) {
        const std::size_t j = candidate.first + i;
        if (match == Match::kWhiteSpace) place.at[solid_[i]] = program_.solid[j];
      }
    }
    if (match == Match::kNear) {
      SearchBudget enough;  // what was found once is found again
      std::swap(enough, budget_);
      const std::optional<Window> window = compare(static_cast<std::ptrdiff_t>(candidate.first));
      std::swap(enough, budget_);
      SAMARA_CHECK(window.has_value());
      for (std::size_t i = 0; i < solid_.size(); ++i) place.at[solid_[i]] = window->at[i];
      place.fuzz.near_lines = window->near_lines;
      place.fuzz.dropped_context = window->dropped;
    }
    if (hunk_.at) {
      const auto stated = static_cast<std::ptrdiff_t>(*hunk_.at);
      place.fuzz.offset =
          static_cast<std::size_t>(std::abs(static_cast<std::ptrdiff_t>(candidate.begin) - stated));
    }
    return place;
  }

  // --- A hunk that only adds ---

  std::variant<Place, PatchRefusal> without_context() const {
    Place place;
    place.at.assign(hunk_.lines.size(), Place::kNowhere);
    if (program_.lines.empty()) return place;
    if (!hunk_.at) {
      return PatchRefusal{
          PatchProblem::kAmbiguous,
          fmt::format("{} says what to add but not where; repeat the line of the program that "
                      "it goes behind, unchanged, as context",
                      hunk_.name)};
    }
    if (*hunk_.at > program_.lines.size()) {
      return PatchRefusal{PatchProblem::kNotFound,
                          fmt::format("{} has no context and says line {}, but the program has {} lines",
                                      hunk_.name, *hunk_.at + 1, program_.lines.size())};
    }
    place.begin = *hunk_.at;
    return place;
  }

  // --- Reasons ---

  PatchRefusal ambiguous(const std::vector<Candidate>& candidates) const {
    std::vector<std::size_t> numbers;
    for (const Candidate& candidate : candidates) {
      if (numbers.size() < 5) numbers.push_back(candidate.begin + 1);
    }
    return {PatchProblem::kAmbiguous,
            fmt::format("{} fits in {} places equally well (lines {}{}); repeat more of the lines around it",
                        hunk_.name, candidates.size(), fmt::join(numbers, ", "),
                        candidates.size() > numbers.size() ? ", ..." : "")};
  }

  PatchRefusal not_found() {
    if (program_.solid.empty()) {
      return {PatchProblem::kNotFound, fmt::format("{} changes lines, but the program is empty", hunk_.name)};
    }
    for (std::size_t i = 0; i < solid_.size(); ++i) {
      if (solid_ids_[i] != ProgramLines::kUnknown) continue;
      const std::string_view text = hunk_.lines[solid_[i]].text;
      std::string reason =
          fmt::format("{} fits nowhere: the program has no line {}", hunk_.name, quote(text));
      if (const std::optional<std::size_t> line = nearest_line(solid_text_[i])) {
        reason += fmt::format("; the nearest is line {}: {}", *line + 1, quote(program_.lines[*line]));
      }
      return {PatchProblem::kNotFound, reason + "; copy the program's lines unchanged"};
    }
    if (solid_.empty()) {
      return {PatchProblem::kNotFound,
              fmt::format("{} fits nowhere: the program has no such empty lines; repeat a line beside them",
                          hunk_.name)};
    }
    return {
        PatchProblem::kNotFound,
        fmt::format("{} fits nowhere: the program has its lines, but not in this order next to each other "
                    "(the first is {}); copy the program's lines unchanged",
                    hunk_.name, quote(hunk_.lines[solid_[0]].text))};
  }

  std::optional<std::size_t> nearest_line(const std::string& text) {
    std::optional<std::size_t> nearest;
    std::size_t least = 0;
    for (std::size_t j = 0; j < program_.solid.size(); ++j) {
      const std::string& theirs = program_.solid_text[j];
      const std::size_t length = std::max(text.size(), theirs.size());
      const std::size_t limit = std::min(length / 2, std::size_t{60});
      if (!budget_.spend(length * (2 * limit + 1))) break;
      const std::size_t distance = bounded_distance(text, theirs, limit);
      if (distance <= limit && (!nearest || distance < least)) nearest = program_.solid[j], least = distance;
    }
    return nearest;
  }

  const ProgramLines& program_;
  const Hunk& hunk_;
  std::size_t after_;
  std::ptrdiff_t shift_;
  SearchBudget& budget_;
  bool bare_ = false;
  std::vector<std::size_t> old_;    ///< hunk lines that the program should have
  std::vector<std::size_t> solid_;  ///< those of them that are not blank
  std::vector<std::string> solid_text_;
  std::vector<std::uint32_t> solid_ids_;
};

}  // namespace

ProgramLines::ProgramLines(std::string_view text) : lines(split_lines(text)) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto next = static_cast<std::uint32_t>(exact_numbers_.size());
    exact.push_back(exact_numbers_.try_emplace(lines[i], next).first->second);
    std::string squeezed = squeeze(lines[i]);
    if (squeezed.empty()) continue;
    const auto next_squeezed = static_cast<std::uint32_t>(squeezed_numbers_.size());
    solid.push_back(i);
    solid_ids.push_back(squeezed_numbers_.try_emplace(squeezed, next_squeezed).first->second);
    solid_text.push_back(std::move(squeezed));
  }
}

std::uint32_t ProgramLines::exact_id(std::string_view line) const {
  const auto found = exact_numbers_.find(line);
  return found == exact_numbers_.end() ? kUnknown : found->second;
}

std::uint32_t ProgramLines::squeezed_id(std::string_view line) const {
  const auto found = squeezed_numbers_.find(std::string(line));
  return found == squeezed_numbers_.end() ? kUnknown : found->second;
}

std::string squeeze(std::string_view line) {
  std::string text;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') text += c;
  }
  return text;
}

std::size_t bounded_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t none = limit + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return none;
  // Only cells within `limit` of the diagonal can be on a path that short.
  std::vector<std::size_t> row(b.size() + 2, none);
  for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t low = i > limit ? i - limit : 0, high = std::min(b.size(), i + limit);
    std::size_t diagonal = low > 0 ? row[low - 1] : row[0];
    if (low == 0) row[0] = std::min(i, none);
    if (low > 0) row[low - 1] = none;
    std::size_t least = low == 0 ? row[0] : none;
    for (std::size_t j = std::max<std::size_t>(low, 1); j <= high; ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted, none});
      least = std::min(least, row[j]);
    }
    if (least > limit) return none;
  }
  return row[b.size()];
}

std::variant<Place, PatchRefusal> locate(const ProgramLines& program, const Hunk& hunk, std::size_t after,
                                         std::ptrdiff_t shift, SearchBudget& budget) {
  return Locator(program, hunk, after, shift, budget).locate();
}

}  // namespace samara::internal
