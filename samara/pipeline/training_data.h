// Training data: what a run's log teaches about changing programs, as JSON lines for fine-tuning a language
// model of one's own. docs/training-data.md describes the lines. Every edit in them has been applied to its
// program and gave its child, byte for byte. The same run and options give the same lines.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "samara/pipeline/run.h"

namespace samara {

struct TrainingDataOptions {
  enum class Format {
    kSft,  ///< a program and the edit that improved it, as a chat
    kDpo,  ///< a program, a better edit and a worse one
  };
  enum class Edits { kUnifiedDiff, kSearchReplace, kRewrite };
  enum class Pairs {
    kSiblings,  ///< any two children of a parent
    kNiche,     ///< two that ended in the same niche, where fitness is all that tells them apart
  };

  Format format = Format::kSft;
  Edits edits = Edits::kUnifiedDiff;
  Pairs pairs = Pairs::kSiblings;
  /// Of the child (kSft), or of the worse child (kDpo), which may have failed. Empty: kAccepted, and
  /// kAccepted and kRejected.
  std::vector<Outcome> outcomes;
  /// Fitness that the child has more than its parent (kSft), or the better child more than the worse (kDpo).
  double min_improvement = -std::numeric_limits<double>::infinity();
  std::string instruction;  ///< in front of the program; empty: a default that fits `edits`
};

struct TrainingDataCounts {
  std::uint64_t lines = 0;
  std::uint64_t not_text = 0;    ///< left out: a program is not valid UTF-8
  std::uint64_t not_edited = 0;  ///< left out: the edit cannot be told in this form
};

/// Hands every line, without its line break, to `sink`. Children of two parents are left out. Errors: the
/// store's and the sink's.
Result<TrainingDataCounts> write_training_data(Run& run, const TrainingDataOptions& options,
                                               const std::function<Status(std::string_view line)>& sink);

}  // namespace samara
