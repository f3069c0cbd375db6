// Finds where in a program a hunk belongs: first to the byte, then without regard to white space, then with
// typos; within each, everywhere at once, so that a second place that fits as well is noticed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "samara/patch/internal/hunk.h"

namespace samara::internal {

/// A program's lines, numbered so that equal ones are quick to tell. The text must outlive it.
class ProgramLines {
 public:
  explicit ProgramLines(std::string_view text);

  static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
  /// The number that equal lines share; kUnknown where the program has none.
  std::uint32_t exact_id(std::string_view line) const;
  std::uint32_t squeezed_id(std::string_view line) const;

  std::vector<std::string_view> lines;  ///< without line breaks
  std::vector<std::uint32_t> exact;     ///< of each line
  /// Only lines that are not blank: their indices in `lines`, and what they have besides white space.
  std::vector<std::size_t> solid;
  std::vector<std::uint32_t> solid_ids;
  std::vector<std::string> solid_text;

 private:
  std::unordered_map<std::string_view, std::uint32_t> exact_numbers_;
  std::unordered_map<std::string, std::uint32_t> squeezed_numbers_;
};

/// Where each line of a hunk is found.
struct Place {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  std::vector<std::size_t> at;  ///< program line of each hunk line; kNowhere: added, blank, or not found
  std::size_t begin = 0;        ///< program line that the hunk begins at
  Fuzz fuzz;
};

/// What may be spent on looking for near matches in one reply: characters and lines compared.
struct SearchBudget {
  std::size_t left = 50'000'000;
  /// False when there is less than that left, and from then on.
  bool spend(std::size_t cost) {
    const bool enough = cost <= left;
    left = enough ? left - cost : 0;
    return enough;
  }
};

/// @param after    program line behind the hunk before it; decides between places where the hunk is `ordered`
/// @param shift    how far from its stated line the hunk before it was found
std::variant<Place, PatchRefusal> locate(const ProgramLines& program, const Hunk& hunk, std::size_t after,
                                         std::ptrdiff_t shift, SearchBudget& budget);

/// Levenshtein distance, or limit + 1 if it is larger.
std::size_t bounded_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace samara::internal
