// TaskDomain: a user's task as a domain: a folder with a task.toml, programs to start from and an evaluator.
// Read docs/tasks.md for the folder, task_spec.h for what it says, scoring.h for what counts,
// evaluator_process.h for how programs run. An evaluation depends on the program alone, as far as the task's
// evaluator does. Immutable and shared; an evaluator is used by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "samara/domain/domain.h"
#include "samara/domain/task/task_spec.h"

namespace samara::task {

inline constexpr const char* kTaskFile = "task.toml";

class TaskDomain : public Domain {
 public:
  /// Errors: kNotFound without a task.toml, or without a file that it names; kInvalidArgument for a task.toml
  /// that cannot be right; kInvalidData for seeds whose EVOLVE-BLOCK markers do not match.
  static Result<std::unique_ptr<TaskDomain>> load(const std::filesystem::path& folder);

  std::string name() const override { return spec_.name; }
  std::span<const BehaviorDimension> behavior_dimensions() const override { return dimensions_; }
  std::span<const Seed> seeds() const override { return seeds_; }

  const TaskSpec& spec() const { return spec_; }
  const std::filesystem::path& folder() const { return folder_; }
  /// A program's text from a file, or from a folder where programs have several files. Errors: kNotFound,
  /// kIo.
  Result<std::string> read_program(const std::filesystem::path& path) const;
  /// Name of the first Python function in what may change; "program" without one.
  std::string function_name() const;
  /// ".py", of the programs' first file.
  std::string suffix() const { return std::filesystem::path(spec_.program[0]).extension().string(); }

  /// Why the program may not follow the seeds: what it changes outside of their EVOLVE-BLOCKs; none when it
  /// may.
  std::optional<std::string> forbidden_change(std::string_view program) const;

  /// The domain must outlive the evaluator. Errors: those of EvaluatorProcess::start().
  Result<std::unique_ptr<Evaluator>> make_evaluator(bool allow_uncontained) const;

 private:
  TaskDomain() = default;

  std::filesystem::path folder_;
  TaskSpec spec_;
  std::vector<BehaviorDimension> dimensions_;
  std::vector<Seed> seeds_;
};

/// Whether a run may start from the seed: EVOLVE-BLOCK markers in comments that are not known would be no
/// markers, and what they guard would change. Errors: kInvalidData, with the line.
Status check_markers(const Seed& seed);

}  // namespace samara::task
