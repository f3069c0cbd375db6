// ContainedProcess: a whole program, in any language, that runs under bubblewrap: it sees the system and the
// files that it was given read-only, writes to a temporary folder of its own in memory, and has no network,
// no other process and no variable of our environment. Messages go in by its standard input and come back by
// its standard output. Read docs/sandbox.md for what is promised. Belongs to one thread; make it in a thread
// that outlives it, as it ends with that one.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/unique_fd.h"

namespace samara::sandbox {

/// How a process is contained.
struct Containment {
  /// What stands read-only in its file system: path there -> path here. Without it there are /usr, what it
  /// needs of /etc, and an empty writable /tmp.
  std::map<std::string, std::filesystem::path> readable;
  /// Its whole environment.
  std::map<std::string, std::string> environment;
  std::string working_folder = "/tmp";      ///< path there
  std::uint64_t writable_bytes = 64 << 20;  ///< that /tmp can hold
  bool network = false;
  /// False runs it without any containment: trusted programs only, and only where this machine offers none.
  bool contain = true;
};

class ContainedProcess {
 public:
  /// Whether processes will be contained here at all; false only where that is allowed. Errors: kUnsupported
  /// when there is no bubblewrap. Which of the layers hold, only a process that is in there can find out.
  static Result<bool> can_contain(bool allow_uncontained);

  /// Starts `command`, found by its path there. Errors: those of can_contain(); kInternal.
  static Result<ContainedProcess> start(const std::vector<std::string>& command,
                                        const Containment& containment);

  ContainedProcess(ContainedProcess&& other) noexcept;
  ContainedProcess& operator=(ContainedProcess&& other) noexcept;
  /// Kills it with everything that it started.
  ~ContainedProcess();

  /// Whether it runs without containment, as was allowed.
  bool uncontained() const { return uncontained_; }

  /// Sends all of `bytes`; errors: kIo when it has gone or does not read within `patience`.
  Status send(std::string_view bytes, std::chrono::milliseconds patience);

  /// Receives exactly `size` bytes. Errors: kTimeout; kIo when it has gone.
  Result<std::string> receive(std::size_t size, std::chrono::milliseconds patience);

  /// The end of what it wrote to standard error so far, at most 4 KiB, valid UTF-8.
  std::string error_text();

 private:
  ContainedProcess() = default;
  void end();

  pid_t pid_ = -1;
  UniqueFd input_, output_, errors_;
  std::string error_tail_;
  bool uncontained_ = false;
};

/// A user id for a process that root starts: one that nobody else has here, so that limits of processes per
/// user hold. Another one at every call.
unsigned next_user_id();

}  // namespace samara::sandbox
