// RunLock: the right to write to a run, held by one process at a time through a lock on the file run.lock.
// The kernel gives it back when the process ends, however it ends, and children made by fork do not inherit
// it. The file itself means nothing and stays. Move only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "samara/base/result.h"
#include "samara/base/unique_fd.h"

namespace samara::internal {

class RunLock {
 public:
  /// Errors: kInUse with the holder's process id, kIo.
  static Result<RunLock> acquire(const std::filesystem::path& folder);

  RunLock(RunLock&& other) noexcept = default;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

 private:
  RunLock(UniqueFd fd, std::pair<std::uint64_t, std::uint64_t> file) : fd_(std::move(fd)), file_(file) {}

  UniqueFd fd_;
  std::pair<std::uint64_t, std::uint64_t> file_;  // device and inode
};

}  // namespace samara::internal
