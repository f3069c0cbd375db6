// What evaluating a program yields: a Score, or the Failure that says why there is none. And Record, the line
// of the evaluation log that a run is made of: archive, statistics, datasets and dashboards are all folds
// over Records. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "samara/program/outcome.h"
#include "samara/program/program.h"

namespace samara {

/// Behavior characterization: one finite coordinate per dimension of the niche map, in the domain's units.
using Behavior = std::vector<double>;

/// What an evaluation says besides its score, for people and prompts: JSON text
/// `{"metrics": {name: number}, "artifacts": {name: text}}`, either part optional; empty when there is
/// nothing. Nothing that a run decides depends on it, and it is part of no digest.
using Details = std::string;

/// Fitness is finite and larger is better.
struct Score {
  double fitness = 0.0;
  Behavior behavior;
  Details details = {};
  friend bool operator==(const Score&, const Score&) = default;
};

/// `outcome` is one of the failing ones; `message` is one line for people and prompts, and may be empty.
struct Failure {
  Outcome outcome = Outcome::kEvaluationFailed;
  std::string message;
  Details details = {};
  friend bool operator==(const Failure&, const Failure&) = default;
};

using Evaluation = std::variant<Score, Failure>;

/// One proposal and how it ended: the line of the evaluation log with the key (iteration, slot).
struct Record {
  std::uint32_t iteration = 0;  ///< 0 holds the seeds; proposals start at 1
  std::uint32_t slot = 0;       ///< position in the iteration's batch; records are folded in slot order
  std::uint16_t arm = 0;        ///< index into the run's operator arms (the run's spec names them)
  Outcome outcome = Outcome::kNoDiff;
  std::optional<ProgramId> program;  ///< absent when the proposal has no text
  std::vector<ProgramId> parents;    ///< none for seeds, one for mutation, two for crossover
  std::optional<Score> score;        ///< present exactly when is_scored(outcome); its details are below
  std::string note;                  ///< how it was made: the commit message, the edit
  std::string message;               ///< why it failed, one line
  Details details = {};              ///< of the score or the failure; the store reads it only on request
  friend bool operator==(const Record&, const Record&) = default;
};

}  // namespace samara
