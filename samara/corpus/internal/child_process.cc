#include "samara/corpus/internal/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "samara/base/file.h"
#include "samara/base/text.h"

namespace samara::corpus {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> made;
  for (std::string& text : texts) made.push_back(text.data());
  made.push_back(nullptr);
  return made;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::span<const std::string> arguments,
                                         std::span<const std::string> environment) {
  // A socket is its input, so that writing to a process that is gone is an error and not a signal.
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0) {
    return make_error(ErrorCode::kInternal, "no pipe to {}: {}", arguments[0], errno_text());
  }
  UniqueFd in_ours(in[0]);
  UniqueFd in_theirs(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) {
    return make_error(ErrorCode::kInternal, "no pipe from {}: {}", arguments[0], errno_text());
  }
  UniqueFd out_ours(out[0]);
  UniqueFd out_theirs(out[1]);
  UniqueFd error(::memfd_create("samara-stderr", MFD_CLOEXEC));

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in_theirs.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out_theirs.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, error.get(), STDERR_FILENO);
  std::vector<std::string> argument_texts(arguments.begin(), arguments.end());
  std::vector<std::string> variable_texts(environment.begin(), environment.end());
  for (char** variable = environ; *variable != nullptr; ++variable) variable_texts.emplace_back(*variable);
  ChildProcess child;
  const int failure = ::posix_spawnp(&child.pid_, argument_texts[0].c_str(), &actions, nullptr,
                                     pointers(argument_texts).data(), pointers(variable_texts).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    child.pid_ = -1;
    errno = failure;
    return make_error(ErrorCode::kNotFound, "cannot start {}: {}; install it or put it into PATH",
                      arguments[0], errno_text());
  }
  child.in_ = std::move(in_ours);
  child.out_ = std::move(out_ours);
  child.error_ = std::move(error);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(std::move(other.in_)),
      out_(std::move(other.out_)),
      error_(std::move(other.error_)),
      buffer_(std::move(other.buffer_)),
      position_(other.position_) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status ChildProcess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(in_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return make_error(ErrorCode::kIo, "a child process does not read: {}", complaint());
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

bool ChildProcess::fill() {
  constexpr std::size_t kBlock = std::size_t{64} << 10;
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kBlock);
  ssize_t got = 0;
  do {
    got = ::read(out_.get(), buffer_.data() + size, kBlock);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return got > 0;
}

bool ChildProcess::has_more() {
  return position_ < buffer_.size() || fill();
}

Result<std::string> ChildProcess::read_until(char end, std::size_t most) {
  std::size_t searched = position_;
  while (true) {
    const std::size_t found = buffer_.find(end, searched);
    if (found != std::string::npos) {
      std::string text = buffer_.substr(position_, found - position_);
      position_ = found + 1;
      return text;
    }
    const std::size_t waiting = buffer_.size() - position_;
    if (waiting > most || !fill()) {
      return make_error(ErrorCode::kIo, "the output of a child process ends early: {}", complaint());
    }
    searched = position_ + waiting;
  }
}

Result<std::string> ChildProcess::read_exactly(std::size_t size) {
  while (buffer_.size() - position_ < size) {
    if (!fill())
      return make_error(ErrorCode::kIo, "the output of a child process ends early: {}", complaint());
  }
  std::string text = buffer_.substr(position_, size);
  position_ += size;
  return text;
}

std::string ChildProcess::complaint() const {
  std::string text(2000, '\0');
  const ssize_t size = ::pread(error_.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text.empty() ? "it said nothing" : one_line(text);
}

Status ChildProcess::finish(std::string_view what) {
  in_.reset();
  while (fill()) position_ = buffer_.size();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return make_error(ErrorCode::kIo, "{}: {}", what, complaint());
}

}  // namespace samara::corpus
