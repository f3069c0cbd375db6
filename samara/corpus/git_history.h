// GitHistory: the files that the commits of a local git repository changed, read through git's plumbing in
// two child processes (`git log --raw` and `git cat-file --batch`). Nothing in the repository is run, and
// nothing is fetched. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "samara/base/result.h"

namespace samara::corpus {

struct FileChange {
  std::string commit;   ///< hash
  std::string message;  ///< the commit message's first line
  std::string path;     ///< in the repository
  std::string old_text;
  std::string new_text;
};

struct HistoryOptions {
  std::string extension = "py";                       ///< of the files, without the dot
  std::uint64_t most_commits = 0;                     ///< the latest ones; 0: all
  std::size_t largest_file = std::size_t{512} << 10;  ///< bytes; larger ones are skipped
};

struct HistoryCounts {
  std::uint64_t commits = 0;        ///< those that changed such files; merges are left out
  std::uint64_t changes = 0;        ///< handed to `take`
  std::uint64_t skipped_files = 0;  ///< too large, or not UTF-8 text
};

/// Hands every modified file to `take`, latest commit first. Errors: kNotFound for a folder that is no
/// repository, or without git; kIo with git's own words for a broken one; those of `take`.
Result<HistoryCounts> read_history(const std::filesystem::path& repository, const HistoryOptions& options,
                                   const std::function<Status(const FileChange&)>& take);

}  // namespace samara::corpus
