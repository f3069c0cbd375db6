#include "samara/sandbox/process/contained_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/sandbox/process/syscall_filter.h"

namespace samara::sandbox {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kBubblewrap = "/usr/bin/bwrap";
constexpr int kFilterFd = 9;
constexpr std::size_t kErrorTail = 4096;

/// What of the system a process sees. /etc/alternatives is where Debian's BLAS is found, ld.so.cache where
/// libraries are, fonts what plotting needs.
constexpr const char* kSystemFolders[] = {"/usr",
                                          "/etc/alternatives",
                                          "/etc/ld.so.cache",
                                          "/etc/fonts",
                                          "/etc/ssl",
                                          "/etc/ca-certificates",
                                          "/etc/java-11-openjdk",
                                          "/etc/java-17-openjdk",
                                          "/etc/matplotlibrc",
                                          "/etc/localtime"};
constexpr const char* kNetworkFiles[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                                         "/etc/services"};

/// Root of a machine can make namespaces and change its user. Root in a container may lack that and go as
/// anybody.
bool can_change_user() {
  if (::geteuid() != 0) return false;
  const Result<std::string> status = read_file("/proc/self/status", 1 << 16);
  if (!status.ok()) return false;
  constexpr std::string_view kField = "CapEff:";
  const std::size_t at = status->find(kField);
  if (at == std::string::npos) return false;
  const unsigned long long held = std::strtoull(status->c_str() + at + kField.size(), nullptr, 16);
  constexpr int kSetGid = 6, kSetUid = 7, kSysAdmin = 21;  // capabilities(7)
  const unsigned long long needed = 1ULL << kSetGid | 1ULL << kSetUid | 1ULL << kSysAdmin;
  if ((held & needed) != needed) return false;
  // Root of a user namespace may have no id to change to: lines of "there here count".
  const Result<std::string> map = read_file("/proc/self/uid_map", 1 << 16);
  unsigned long long there = 0, here = 0, count = 0;
  return map.ok() && std::sscanf(map->c_str(), "%llu %llu %llu", &there, &here, &count) == 3 &&
         count > 65'000;
}

/// The command line of bubblewrap up to the command itself.
std::vector<std::string> bubblewrap(const Containment& containment) {
  std::vector<std::string> line = {kBubblewrap,     "--unshare-pid",        "--unshare-ipc",
                                   "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
                                   "--new-session", "--as-pid-1",           "--clearenv"};
  const auto add = [&](std::initializer_list<std::string> words) { line.insert(line.end(), words); };
  // The limit of processes is one per user, and does not bind root: the command changes to a user of its own.
  if (can_change_user()) {
    add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"});
  } else {
    add({"--unshare-user", "--uid", "65534", "--gid", "65534"});
  }
  if (!containment.network) add({"--unshare-net"});
  for (const auto& [name, value] : containment.environment) add({"--setenv", name, value});
  // Folders on the way to what is shown: bubblewrap would make them unreadable.
  const auto show = [&](const char* how, const std::string& here, const std::string& there) {
    std::filesystem::path folder = "/";
    for (const std::filesystem::path& part : std::filesystem::path(there).parent_path().relative_path()) {
      folder /= part;
      add({"--dir", folder.string()});
    }
    add({how, here, there});
  };
  for (const char* path : kSystemFolders) show("--ro-bind-try", path, path);
  if (containment.network) {
    for (const char* path : kNetworkFiles) show("--ro-bind-try", path, path);
  }
  for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64"}) {
    if (std::filesystem::is_directory(std::filesystem::path("/usr") / name)) {
      add({"--symlink", std::string("usr/") + name, std::string("/") + name});
    }
  }
  add({"--proc", "/proc", "--dev", "/dev"});
  add({"--perms", "1777", "--size", std::to_string(containment.writable_bytes), "--tmpfs", "/tmp"});
  add({"--perms", "1777", "--size", std::to_string(containment.writable_bytes), "--tmpfs", "/dev/shm"});
  for (const auto& [there, here] : containment.readable) show("--ro-bind", here.string(), there);
  add({"--remount-ro", "/dev", "--remount-ro", "/"});
  add({"--chdir", containment.working_folder, "--seccomp", std::to_string(kFilterFd), "--"});
  return line;
}

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return make_error(ErrorCode::kInternal, "cannot make a pipe: {}", errno_text());
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// For what we send: unlike a pipe, a socket that nobody reads is an error and not a signal.
Result<Pipe> make_socket() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return make_error(ErrorCode::kInternal, "cannot make a socket: {}", errno_text());
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// Starts the program with these three as standard streams, `filter` (when there is one) as kFilterFd, and an
/// environment of its own.
Result<pid_t> spawn(std::vector<std::string> line, const std::map<std::string, std::string>& variables,
                    const Pipe& input, const Pipe& output, const Pipe& errors, int filter) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.read.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.write.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, errors.write.get(), 2);
  if (filter >= 0) ::posix_spawn_file_actions_adddup2(&actions, filter, kFilterFd);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: Ctrl-C in a terminal is for the program that waits for this one.
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, line[0].c_str(), &actions, &attributes, pointers(line).data(),
                                  pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return make_error(ErrorCode::kInternal, "cannot start {}: {}", line[0], std::strerror(error));
  return pid;
}

void make_nonblocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/// Milliseconds that poll() may wait; 0 when the time is up.
int remaining(Clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

}  // namespace

unsigned next_user_id() {
  static std::atomic<unsigned> count{0};
  // Far above the ids that systems give out; those of other processes of ours start elsewhere.
  return 1'000'000'000u + static_cast<unsigned>(::getpid() % 1'000'000) * 1000u + count++ % 1000u;
}

Result<bool> ContainedProcess::can_contain(bool allow_uncontained) {
  const bool refused = std::getenv("SAMARA_SANDBOX_REFUSE_BUBBLEWRAP") != nullptr;  // for tests
  if (!refused && ::access(kBubblewrap, X_OK) == 0) return true;
  if (allow_uncontained) return false;
  return make_error(
      ErrorCode::kUnsupported,
      "there is no {}, without which evaluators would run uncontained; install the package bubblewrap, or "
      "run trusted code with --allow-uncontained",
      kBubblewrap);
}

Result<ContainedProcess> ContainedProcess::start(const std::vector<std::string>& command,
                                                 const Containment& containment) {
  SAMARA_TRY(Pipe input, make_socket());
  SAMARA_TRY(Pipe output, make_pipe());
  SAMARA_TRY(Pipe errors, make_pipe());
  ContainedProcess process;
  const bool contained = containment.contain;
  std::vector<std::string> line;
  UniqueFd filter;
  if (contained) {
    line = bubblewrap(containment);
    SAMARA_TRY(filter, make_syscall_filter(containment.network));
  }
  line.insert(line.end(), command.begin(), command.end());
  SAMARA_TRY(process.pid_,
             spawn(line, contained ? std::map<std::string, std::string>() : containment.environment, input,
                   output, errors, filter.get()));
  process.input_ = std::move(input.write);
  process.output_ = std::move(output.read);
  process.errors_ = std::move(errors.read);
  process.uncontained_ = !contained;
  for (const UniqueFd* fd : {&process.input_, &process.output_, &process.errors_})
    make_nonblocking(fd->get());
  return process;
}

ContainedProcess::ContainedProcess(ContainedProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      error_tail_(std::move(other.error_tail_)),
      uncontained_(other.uncontained_) {}

ContainedProcess& ContainedProcess::operator=(ContainedProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(errors_, other.errors_);
  std::swap(error_tail_, other.error_tail_);
  std::swap(uncontained_, other.uncontained_);
  return *this;
}

ContainedProcess::~ContainedProcess() {
  end();
}

void ContainedProcess::end() {
  if (pid_ < 0) return;
  // Contained, this is bubblewrap: its child, the first process of a namespace, dies with it and takes all
  // others along; one that has changed its user does not, and has to end when its input does. Uncontained, it
  // is a group.
  ::kill(uncontained_ ? -pid_ : pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Status ContainedProcess::send(std::string_view bytes, milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(input_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    pollfd wait{input_.get(), POLLOUT, 0};
    if (errno != EAGAIN || ::poll(&wait, 1, remaining(until)) == 0) {
      return make_error(ErrorCode::kIo, "the contained process takes no more input");
    }
  }
  return {};
}

Result<std::string> ContainedProcess::receive(std::size_t size, milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::read(output_.get(), bytes.data() + have, size - have);
    if (got > 0) {
      have += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0) return make_error(ErrorCode::kIo, "the contained process has ended");
    if (errno == EINTR) continue;
    if (errno != EAGAIN)
      return make_error(ErrorCode::kIo, "cannot read from the contained process: {}", errno_text());
    // Its errors are drained as it goes, or it would stop at a full pipe.
    std::array<pollfd, 2> wait{{{output_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
    const int ready = ::poll(wait.data(), errors_.valid() ? 2 : 1, remaining(until));
    if (ready == 0) return make_error(ErrorCode::kTimeout, "the contained process does not answer");
    if (wait[1].revents != 0) (void)error_text();
  }
  return bytes;
}

std::string ContainedProcess::error_text() {
  std::array<char, 4096> piece;
  for (int pieces = 0; errors_.valid() && pieces < 64; ++pieces) {  // who waits has a time limit to look at
    const ssize_t got = ::read(errors_.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errors_.reset();
    if (got <= 0) break;
    error_tail_.append(piece.data(), static_cast<std::size_t>(got));
    if (error_tail_.size() > kErrorTail) error_tail_.erase(0, error_tail_.size() - kErrorTail);
  }
  return sanitize_utf8(error_tail_);
}

}  // namespace samara::sandbox
