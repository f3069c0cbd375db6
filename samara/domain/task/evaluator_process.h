// EvaluatorProcess: the contained process that evaluates a task's programs (python/evaluation_server.py),
// from our side. It has loaded the evaluator once and forks a child per program, so that whatever a program
// does costs only itself. What it answers is untrusted: read measurement.h. A lost process is started again.
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "samara/domain/task/measurement.h"
#include "samara/domain/task/program_files.h"
#include "samara/domain/task/task_spec.h"
#include "samara/sandbox/process/contained_process.h"

namespace samara::task {

class EvaluatorProcess {
 public:
  /// @param folder  the task's; must outlive the object
  /// Errors: kUnsupported when this machine does not offer a layer of containment (the message names it),
  /// kInvalidData when the evaluator does not load, kNotFound for a readable path that is not there, kIo,
  /// kInternal.
  static Result<std::unique_ptr<EvaluatorProcess>> start(const TaskSpec& spec,
                                                         const std::filesystem::path& folder,
                                                         bool allow_uncontained);
  ~EvaluatorProcess();

  /// Names of what can be called in the evaluator; none unless it is a warm Python one.
  const std::vector<std::string>& functions() const { return functions_; }

  /// Errors: the process was lost and cannot be started again.
  Result<Measurement> measure(const std::vector<ProgramFile>& files, const std::string& function,
                              std::uint64_t seed);

 private:
  EvaluatorProcess(const TaskSpec& spec, const std::filesystem::path& folder, bool allow_uncontained);
  /// Starts the process anew, up to where it says which layers hold there.
  Status start_server();
  /// Has it load the evaluator.
  Status load_evaluator();
  /// How long the process may take for anything.
  std::chrono::milliseconds patience() const;
  /// What it says next. Errors: the process was lost, or takes longer than it can need.
  Result<std::string> hear();

  TaskSpec spec_;
  std::filesystem::path folder_;
  bool allow_uncontained_;
  bool plain_ = false;               ///< without containment, as is allowed and this machine offers none
  std::filesystem::path temporary_;  ///< uncontained, a folder here; else one there
  std::optional<sandbox::ContainedProcess> process_;
  std::vector<std::string> functions_;
};

}  // namespace samara::task
