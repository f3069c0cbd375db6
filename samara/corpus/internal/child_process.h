// ChildProcess: a program that is spoken to through pipes, such as git. It gets no shell, and ends with this
// object. One thread.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/base/unique_fd.h"

namespace samara::corpus {

class ChildProcess {
 public:
  /// Starts arguments[0], looked up in PATH. @param environment additional "NAME=value"s. Errors: kNotFound
  /// when there is no such program, kInternal.
  static Result<ChildProcess> start(std::span<const std::string> arguments,
                                    std::span<const std::string> environment);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Ends the process where it still runs.
  ~ChildProcess();

  /// Errors: kIo when the process does not read any more.
  Status write(std::string_view bytes);
  /// Up to the next `end`, which is read and left out. Errors: kIo at the end of output or after `most`
  /// bytes.
  Result<std::string> read_until(char end, std::size_t most);
  /// Errors: kIo when the output ends before.
  Result<std::string> read_exactly(std::size_t size);
  /// Whether output is left; waits for it.
  bool has_more();

  /// Waits for the end. Errors: kIo with what the process said on its standard error, where it failed.
  Status finish(std::string_view what);

 private:
  ChildProcess() = default;
  bool fill();
  std::string complaint() const;

  pid_t pid_ = -1;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd error_;  ///< a memory file
  std::string buffer_;
  std::size_t position_ = 0;
};

}  // namespace samara::corpus
