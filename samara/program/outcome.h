// Outcome: how a proposal ended. Every proposal ends in exactly one, and it is stored with it: a failing
// candidate is data, not an error. An outcome is never a fitness: a program that crashed has no score to
// compare.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace samara {

/// Values are stored: never renumber, only append.
enum class Outcome : std::uint8_t {
  kAccepted = 0,          ///< scored and taken into the archive
  kRejected = 1,          ///< scored, but the niche's elite is at least as good
  kDuplicate = 2,         ///< the same text was proposed before in this run; not evaluated again
  kUnchanged = 3,         ///< the operator gave back its parent
  kNoDiff = 4,            ///< the operator proposed no edit at all
  kDiffDoesNotApply = 5,  ///< an edit, but it fits nowhere or in more than one place
  kSyntaxError = 6,       ///< the program does not compile
  kRuntimeError = 7,      ///< the program raised
  kForbidden = 8,         ///< the program reached for what it may not use
  kTimeLimit = 9,
  kMemoryLimit = 10,
  kCrashed = 11,           ///< the program brought its interpreter down
  kInvalidPhenotype = 12,  ///< the program ran, but what it returned is no valid phenotype
  kEvaluationFailed = 13,  ///< the evaluator, not the program, failed
  kNotNovel = 14,          ///< too near to an earlier program of this run; not evaluated
};

inline constexpr int kOutcomeCount = 15;

/// Stable name for JSON and people: "accepted", "syntax error" is spelled "syntax_error".
std::string_view outcome_name(Outcome outcome);
std::optional<Outcome> outcome_from_name(std::string_view name);

/// The proposal produced a program text at all (the paper's "valid": the diff applied).
constexpr bool is_valid_proposal(Outcome outcome) {
  return outcome != Outcome::kNoDiff && outcome != Outcome::kDiffDoesNotApply;
}
/// The program was handed to the evaluator, however that ended.
constexpr bool is_evaluated(Outcome outcome) {
  return is_valid_proposal(outcome) && outcome != Outcome::kUnchanged && outcome != Outcome::kDuplicate &&
         outcome != Outcome::kNotNovel;
}
/// The program was evaluated to a score.
constexpr bool is_scored(Outcome outcome) {
  return outcome == Outcome::kAccepted || outcome == Outcome::kRejected;
}

}  // namespace samara
