// Judge: tries a version of a task's function on its cases, contained, and says which it gets right. The
// program runs in the sandbox with the arguments only; the values that it returns are compared out here, so
// a program cannot forge success. A verdict depends on task and program alone (but for the CPU limit, see
// docs/sandbox.md). One thread per judge, as its runner.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/bugfix/task.h"
#include "samara/program/evaluation.h"
#include "samara/sandbox/python_runner.h"

namespace samara::bugfix {

/// How a program did that returned a value for every case: the first case that is wrong, if there is one.
struct Answer {
  std::optional<std::size_t> wrong_case;  ///< index into Task::cases
  std::string returned;                   ///< for that case, as JSON
};

/// A Failure: it does not compile, raised, ran too long, reached for what it may not use ...
using Verdict = std::variant<Answer, Failure>;

/// Every case is right.
bool passes(const Verdict& verdict);

/// Whether a returned value is the expected one: numbers by value, within 1e-9 (relative to the larger one,
/// or to 1) as soon as one of them is a float; everything else exactly. True is no number.
bool returns_the_same(const nlohmann::json& expected, const nlohmann::json& returned);

class Judge {
 public:
  /// What a PythonRunner has to load for a judge.
  static Harness harness();

  /// @param runner   borrowed for the judge's life
  /// @param harness  index of harness() in the runner's harnesses
  Judge(PythonRunner& runner, std::size_t harness) : runner_(runner), harness_(harness) {}

  /// One verdict per program. An Error means that the sandbox cannot go on.
  Result<std::vector<Verdict>> judge(const Task& task, std::span<const Program* const> programs);

 private:
  PythonRunner& runner_;
  std::size_t harness_;
};

/// The correct program passes and each buggy one does not. Errors: kInvalidData, naming task, file and case.
Status verify(const Task& task, Judge& judge);

}  // namespace samara::bugfix
