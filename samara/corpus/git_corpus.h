// Real commits from local git repositories, as (text before, message, text after) of the function, or the
// lines, that they changed, and where these stand. The same repositories give the same corpus. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "samara/base/result.h"
#include "samara/corpus/git_history.h"
#include "samara/corpus/json_lines.h"
#include "samara/sandbox/python_runner.h"

namespace samara::corpus {

/// A change, and where to find it.
struct GitCommit {
  Commit change;
  std::string path;  ///< of the file, in the repository
  std::string hash;  ///< of the commit
  friend bool operator==(const GitCommit&, const GitCommit&) = default;
};

/// The object of one line, without the line break: that of the change, then path and commit.
std::string to_json_line(const GitCommit& commit);

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

/// Hands the commits to `take`, repository by repository, and `progress` what has been counted so far. Of
/// changes that are equal, wherever they were made, the first one comes.
/// Errors: those of read_history(), of the runner and of `take`.
Result<GitCounts> collect_commits(std::span<const std::filesystem::path> repositories,
                                  const GitOptions& options, PythonRunner& runner,
                                  const std::function<Status(const GitCommit&)>& take,
                                  const std::function<void(const GitCounts&)>& progress);

}  // namespace samara::corpus
