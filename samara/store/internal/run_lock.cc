#include "samara/store/internal/run_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <set>

#include "samara/base/file.h"

namespace samara::internal {
namespace {

// POSIX record locks do not exclude the process that holds them, so the process keeps its own list.
std::mutex held_mutex;
std::set<std::pair<std::uint64_t, std::uint64_t>> held;

Error in_use(const std::filesystem::path& folder, pid_t holder) {
  const std::string who = holder > 0 ? fmt::format("process {}", holder) : "another process";
  return make_error(
      ErrorCode::kInUse,
      "the run in {} is in use: {} is writing to it. Wait until it has finished or stop it, then try again",
      folder.string(), who);
}

}  // namespace

Result<RunLock> RunLock::acquire(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "run.lock";
  const auto failed = [&] {
    return make_error(
        ErrorCode::kIo,
        "cannot lock {}: {}. To write to a run its folder must be writable: check its permissions",
        path.string(), errno_text());
  };
  // Nothing may close a second descriptor of this file: that would end the lock (fcntl(2), "Record locking").
  const std::lock_guard guard(held_mutex);
  struct stat before {};
  if (::stat(path.c_str(), &before) == 0 && held.contains({before.st_dev, before.st_ino})) {
    return in_use(folder, ::getpid());
  }
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return failed();

  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd.get(), F_SETLK, &lock) != 0) {
    if (errno != EACCES && errno != EAGAIN) return failed();
    struct flock holder = lock;
    if (::fcntl(fd.get(), F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK) holder.l_pid = 0;
    return in_use(folder, holder.l_pid);
  }
  const std::pair<std::uint64_t, std::uint64_t> file(info.st_dev, info.st_ino);
  held.insert(file);
  return RunLock(std::move(fd), file);
}

RunLock::~RunLock() {
  if (!fd_.valid()) return;
  const std::lock_guard guard(held_mutex);
  fd_.reset();
  held.erase(file_);
}

}  // namespace samara::internal
