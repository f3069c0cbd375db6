// Real commits from local git repositories, as (text before, message, text after) of the function, or the
// lines, that they changed. The same repositories give the same corpus. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "samara/base/result.h"
#include "samara/corpus/git_history.h"
#include "samara/corpus/json_lines.h"
#include "samara/sandbox/python_runner.h"

namespace samara::corpus {

struct GitOptions {
  HistoryOptions history;
  std::uint32_t max_lines = 60;    ///< of a window
  std::uint32_t max_tokens = 500;  ///< of prompt and diff, estimated (program.py)
  std::uint32_t context = 8;       ///< lines around a change that no function holds
};

struct GitCounts {
  HistoryCounts history;
  std::uint64_t written = 0;
  std::uint64_t repeated = 0;
};

/// Hands the commits to `take`, repository by repository, and `progress` what has been counted so far.
/// Errors: those of read_history(), of the runner and of `take`.
Result<GitCounts> collect_commits(std::span<const std::filesystem::path> repositories,
                                  const GitOptions& options, PythonRunner& runner,
                                  const std::function<Status(const Commit&)>& take,
                                  const std::function<void(const GitCounts&)>& progress);

}  // namespace samara::corpus
