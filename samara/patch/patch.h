// Applying what a model wrote: a unified diff, search/replace blocks or a whole program, with prose around
// it, wrong line numbers and counts, lost white space or a typo. An edit is applied where it fits and nowhere
// else: one that fits in two places equally well is refused, with a reason that can be sent back to the
// model. docs/patches.md says what is tolerated; line_diff.h makes diffs. Pure functions; time and memory are
// bounded by the sizes of the texts, whatever is in them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace samara {

enum class PatchFormat {
  kUnifiedDiff,    ///< hunks of context, '-' and '+' lines
  kSearchReplace,  ///< <<<<<<< SEARCH, =======, >>>>>>> REPLACE
  kRewrite,        ///< the whole program, in a fenced code block or bare
};

/// How well the lines that an edit names agree with the program's, from best to worst.
enum class Match {
  kExact,
  kWhiteSpace,  ///< but for blanks, indentation, empty lines or line ends
  kNear,        ///< but for typos, or context at the edges that the program does not have
};

/// How much had to be tolerated: over all hunks or blocks, the worst or the sum.
struct Fuzz {
  Match match = Match::kExact;
  std::size_t near_lines = 0;       ///< lines with a typo
  std::size_t dropped_context = 0;  ///< context lines that were ignored
  std::size_t offset =
      0;  ///< largest distance in lines between where a hunk said it belongs and where it does
};

struct Patched {
  std::string text;
  PatchFormat format = PatchFormat::kRewrite;
  std::size_t edits = 0;  ///< hunks or blocks; 1 for a rewrite
  Fuzz fuzz;
};

/// Why nothing was applied. Behind the first two: an edit that does not apply.
enum class PatchProblem {
  kNoEdit,     ///< prose, an empty text
  kNoChange,   ///< an edit that changes nothing
  kMalformed,  ///< a block without its divider, two code blocks of the same size
  kNotFound,   ///< names lines that the program does not have
  kAmbiguous,  ///< fits in several places
  kConflict,   ///< two of its edits change the same line
  kTooLarge,   ///< more than kMaxPatchEdits hunks or blocks
};

struct PatchRefusal {
  PatchProblem problem = PatchProblem::kNoEdit;
  std::string reason;  ///< one line for the model or a person: what, where, next step
};

using PatchResult = std::variant<Patched, PatchRefusal>;

inline constexpr std::size_t kMaxPatchEdits = 1000;

/// What the text's markers say that it is; kRewrite when it has none.
PatchFormat recognize_patch(std::string_view reply);

/// The program after the edits of a model's reply. All or nothing; every edit refers to `before`.
PatchResult apply_patch(std::string_view before, std::string_view reply);
/// The same for a reply of a known form.
PatchResult apply_patch(std::string_view before, std::string_view reply, PatchFormat format);

}  // namespace samara
