// WarmClient: the runner's end of one warm process: starts samara-python, hands requests over and takes the
// results out of the shared arena. What it takes is checked, as untrusted code may have written it. Single
// threaded; the process ends with the object.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "samara/base/unique_fd.h"
#include "samara/sandbox/python_runner.h"
#include "samara/sandbox/wire/arena.h"
#include "samara/sandbox/wire/wire.h"

namespace samara::sandbox {

/// What one request did to its jobs.
struct Report {
  enum class Fate {
    kResult,         ///< `result` holds it
    kNeedsOwnChild,  ///< to be run alone
    kNotRun,         ///< the child ended before it came to this one
  };
  struct Entry {
    Fate fate = Fate::kNotRun;
    JobResult result;
  };
  std::vector<Entry> entries;  ///< one per job
};

class WarmClient {
 public:
  /// Errors: as PythonRunner::start; kNotFound when there is no samara-python.
  static Result<WarmClient> start(const PythonRunner::Options& options, bool with_numpy);
  WarmClient(WarmClient&&) = default;
  WarmClient& operator=(WarmClient&&) = default;
  ~WarmClient();

  /// How many of the jobs, from the first, fit into one request. At least 1: no text is longer than
  /// Arena::kMaxText.
  std::size_t fitting(std::span<const Job> jobs) const;

  /// Runs the jobs in one child. A single job always gets a result. Errors: kInternal when the process was
  /// lost; start another one then.
  Result<Report> run(std::span<const Job> jobs);

 private:
  // The process: ends it and waits for it.
  class Process {
   public:
    Process() = default;
    explicit Process(pid_t pid) : pid_(pid) {}
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Process& operator=(Process&& other) noexcept {
      std::swap(pid_, other.pid_);
      return *this;
    }
    ~Process();

   private:
    pid_t pid_ = -1;
  };

  WarmClient() = default;

  // The job's entry, copied out of the arena; `reply` says how the child ended.
  Report::Entry take(std::size_t index, bool alone, const Reply& reply) const;

  PythonRunner::Options options_;
  UniqueFd socket_;
  Arena arena_;
  Process process_;
};

}  // namespace samara::sandbox
