// The bug-fixing benchmark: an operator is given a buggy program once per trial, and a trial succeeds when
// the child passes every case. Read task.h for the tasks, judge.h for the cases, summary.h for the
// statistics. A cell (task, number of bugs, operator) is a function of the seed, the number of trials and its
// own task and operator: not of the workers, nor of what else is measured. Call run_benchmark() from one
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/bugfix/task.h"
#include "samara/mutation/operator.h"
#include "samara/sandbox/python_runner.h"

namespace samara::bugfix {

/// An operator and how often each of its arms is tried.
struct ArmedOperator {
  std::unique_ptr<MutationOperator> mutation;
  std::vector<double> weights;  ///< one per arm: finite, not negative, not all zero
};

/// Makes operators in one worker thread, one for each task whose trials come up there.
using OperatorMaker = std::function<Result<ArmedOperator>(const Hint&)>;

/// An operator under test, by its name. It sees the buggy program and the hint, and nothing else of a task.
struct Contender {
  std::string name;
  std::vector<Harness> harnesses;  ///< that its workers' interpreters load
  /// Called once per worker thread, by the caller of run_benchmark(); what it makes is then used in that
  /// thread alone. `first_harness` is the index of harnesses[0]. The runner outlives what is made.
  std::function<Result<OperatorMaker>(PythonRunner& runner, std::size_t first_harness)> start;
  nlohmann::ordered_json facts;            ///< for the report: options, digest of the model
  std::uint64_t trials = 100'000;          ///< per cell by default
  std::uint64_t trials_in_family = 2'000;  ///< the same for a group of several tasks
};

/// What came of a cell's trials; each count is a part of the one before, but for `changed`.
struct Tally {
  std::uint64_t trials = 0;
  std::uint64_t valid = 0;     ///< the operator gave a program: for a diff, it applied
  std::uint64_t changed = 0;   ///< valid, and not the parent's text
  std::uint64_t runnable = 0;  ///< valid, and returned a value for every case
  std::uint64_t solved = 0;    ///< runnable, and every value is right

  Tally& operator+=(const Tally& other);
  friend bool operator==(const Tally&, const Tally&) = default;
};

struct Cell {
  std::size_t task = 0;       ///< index into the tasks
  std::size_t contender = 0;  ///< index into the contenders
  std::size_t bugs = 1;
  std::uint64_t planned = 0;  ///< trials
  Tally tally;                ///< of the trials that were made: all that were planned, unless it was stopped
};

struct BenchmarkOptions {
  // What affects results.
  std::uint64_t seed = 1;
  std::uint64_t trials = 0;                  ///< per cell; 0: as each contender says
  std::chrono::milliseconds cpu_limit{100};  ///< of one child, all cases
  // What affects speed only.
  unsigned workers = 0;  ///< threads; 0: one per core
  bool allow_uncontained = false;
};

struct BenchmarkReport {
  std::vector<Cell> cells;             ///< by task, number of bugs, contender
  bool stopped = false;                ///< before all trials were made
  double seconds = 0.0;                ///< wall time
  std::vector<double> worker_seconds;  ///< per contender, all threads together
};

struct BenchmarkProgress {
  const Cell& current;  ///< the one whose trials were counted last
  std::uint64_t done = 0;
  std::uint64_t planned = 0;
  double seconds = 0.0;
  double seconds_left = 0.0;
};

/// Verifies the tasks, then makes the trials. `observe` is called now and then from the calling thread; once
/// `stop` is set, the trials under way are finished and the report has what is there. Errors: kInvalidData
/// for a task that is not as it should be, those of the sandbox and of the contenders.
Result<BenchmarkReport> run_benchmark(std::span<const Task> tasks, std::span<const Contender> contenders,
                                      const BenchmarkOptions& options,
                                      const std::function<void(const BenchmarkProgress&)>& observe,
                                      const std::atomic<bool>& stop);

}  // namespace samara::bugfix
