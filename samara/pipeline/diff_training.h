// From commits to a diff model: reads commits, encodes them as the examples that a diff model is trained on,
// and holds some back to measure it with. Read docs/formats/diff-encoding.md for what an example looks like,
// lm/train/ for the training itself. Pure functions of files and arguments.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/lm/train/examples.h"
#include "samara/mutation/diff/diff_codec.h"

namespace samara {

/// A change of a file and what its author says about it.
struct Commit {
  std::string before;
  std::string message;
  std::string after;
  float weight = 1.0F;  ///< of its loss in training, > 0
};

/// Calls `take` with each commit of a JSON Lines file with the members before, message and after. Errors:
/// kNotFound, kIo, kInvalidData naming file and line; those of `take`.
Status read_commits(const std::filesystem::path& file, const std::function<Status(Commit)>& take);

struct DiffExamples {
  lm::ExampleSet training;
  lm::ExampleSet validation;
  std::uint64_t left_out = 0;  ///< commits that change nothing, do not fit, or were one too many to hold back
};

struct ExampleOptions {
  std::uint64_t seed = 1;        ///< of windows, line numbers and what is held back
  std::size_t max_tokens = 384;  ///< of an example; a longer program is shown in part
  double validation_share =
      0.01;  ///< of commits, by a hash of `before`, so that no program stands in both sets
  std::size_t max_validation = 1000;
  double any_number = 0.1;  ///< share of examples whose lines are numbered from any number on; else from 1
};

/// Encodes commits one after the other.
class ExampleBuilder {
 public:
  ExampleBuilder(const diff::DiffCodec& codec, const ExampleOptions& options);
  /// Errors: those of ExampleSet::add().
  Status add(const Commit& commit);
  std::uint64_t commits() const { return commits_; }
  DiffExamples take() { return std::move(examples_); }

 private:
  const diff::DiffCodec& codec_;
  ExampleOptions options_;
  std::uint64_t commits_ = 0;
  DiffExamples examples_;
};

}  // namespace samara
