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
  /// kInvalidData when the evaluator does not load, kInternal.
  static Result<std::unique_ptr<EvaluatorProcess>> start(const TaskSpec& spec,
                                                         const std::filesystem::path& folder,
                                                         bool allow_uncontained);
  ~EvaluatorProcess();

  /// Names of the evaluator's functions that begin with "evaluate"; none unless it is a warm Python one.
  const std::vector<std::string>& functions() const { return functions_; }

  /// Errors: the process was lost and cannot be started again.
  Result<Measurement> measure(const std::vector<ProgramFile>& files, const std::string& function,
                              std::uint64_t seed);

 private:
  EvaluatorProcess(const TaskSpec& spec, const std::filesystem::path& folder, bool allow_uncontained);
  Status launch();
  Status start_server();
  /// None when the process was lost on the way.
  std::optional<std::string> ask(std::string_view message);

  TaskSpec spec_;
  std::filesystem::path folder_;
  bool allow_uncontained_;
  bool plain_ = false;               ///< without containment, as is allowed and this machine offers none
  std::filesystem::path temporary_;  ///< uncontained, a folder here; else one there
  std::optional<sandbox::ContainedProcess> process_;
  std::vector<std::string> functions_;
};

}  // namespace samara::task
