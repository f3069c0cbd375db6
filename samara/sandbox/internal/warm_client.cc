#include "samara/sandbox/internal/warm_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <limits>

#include "samara/base/file.h"
#include "samara/base/text.h"

namespace samara::sandbox {
namespace {

/// Longest message kept from a program, bytes.
constexpr std::size_t kMaxMessage = 400;

Result<std::string> find_executable() {
  if (const char* path = std::getenv("SAMARA_PYTHON")) return std::string(path);
  std::error_code error;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& path :
       {here / "samara-python", here.parent_path() / "bin/samara-python"}) {
    if (::access(path.c_str(), X_OK) == 0) return path.string();
  }
  return make_error(ErrorCode::kNotFound,
                    "there is no samara-python in {}, which runs the Python programs; build it (target "
                    "samara-python) or name it in the environment variable SAMARA_PYTHON",
                    here.string());
}

// Starts the executable with nothing of this process but the two descriptors.
Result<pid_t> spawn(const std::string& executable, int socket, int arena) {
  // dup2() onto itself would keep close-on-exec, so both go out of the way first.
  const UniqueFd high_socket(::fcntl(socket, F_DUPFD_CLOEXEC, kArenaFd + 1));
  const UniqueFd high_arena(::fcntl(arena, F_DUPFD_CLOEXEC, kArenaFd + 1));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < 3; ++fd) ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, high_socket.get(), kSocketFd);
  ::posix_spawn_file_actions_adddup2(&actions, high_arena.get(), kArenaFd);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: Ctrl-C in a terminal is for the program that waits for this one.
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  char name[] = "samara-python";
  char serve[] = "--serve";
  char* const arguments[] = {name, serve, nullptr};
  char locale[] = "LC_ALL=C.UTF-8";
  char blas[] = "OPENBLAS_NUM_THREADS=1", openmp[] = "OMP_NUM_THREADS=1";  // by its variant
  char now[] = "LD_BIND_NOW=1";                                            // not in every child anew
  char* const environment[] = {locale, blas, openmp, now, nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, executable.c_str(), &actions, &attributes, arguments, environment);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return make_error(ErrorCode::kInternal, "cannot start {}: {}", executable, std::strerror(error));
  }
  return pid;
}

// Puts the harnesses into the text area as WarmProcess reads them; false when there is no room.
bool write_harnesses(const std::vector<Harness>& harnesses, std::span<char> area) {
  std::size_t at = 0;
  bool fits = true;
  const auto put = [&](const void* data, std::size_t size) {
    fits = fits && size <= area.size() - at;
    if (!fits) return;
    std::memcpy(area.data() + at, data, size);
    at += size;
  };
  const auto number = [&](std::size_t value) {
    const auto narrow = static_cast<std::uint32_t>(value);
    put(&narrow, sizeof narrow);
  };
  for (const Harness& harness : harnesses) {
    number(harness.kind == Harness::Kind::kCandidate ? 1 : 0);
    for (const std::string* text : {&harness.name, &harness.source, &harness.entry}) {
      number(text->size());
      put(text->data(), text->size());
    }
  }
  return fits;
}

Configuration configuration_of(const PythonRunner::Options& options, bool with_numpy) {
  const auto nanoseconds = [](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
  };
  Configuration configuration{};
  configuration.harness_count = static_cast<std::uint32_t>(options.harnesses.size());
  configuration.slot_count = static_cast<std::uint32_t>(options.batch);
  configuration.result_limit = options.result_limit;
  configuration.memory_limit = options.memory_limit;
  configuration.cpu_limit_ns = nanoseconds(options.cpu_limit);
  configuration.stall_limit_ns = nanoseconds(options.stall_limit);
  configuration.with_numpy = with_numpy;
  configuration.allow_uncontained = options.allow_uncontained;
  if (const char* layer = std::getenv("SAMARA_SANDBOX_REFUSE_LAYER")) {
    std::strncpy(configuration.refused_layer.data(), layer, configuration.refused_layer.size() - 1);
  }
  return configuration;
}

// What became of a program that ended without a result.
Failure failure_of(const Reply& reply, const PythonRunner::Options& options) {
  switch (reply.ending) {
    case Ending::kCpuLimit:
      return {Outcome::kTimeLimit,
              fmt::format("used more than {} ms of CPU time", options.cpu_limit.count())};
    case Ending::kStalled:
      return {Outcome::kTimeLimit, fmt::format("waited for more than {} ms", options.stall_limit.count())};
    case Ending::kSignalled:
      if (reply.detail == SIGSYS)
        return {Outcome::kForbidden, "made a system call that programs may not make"};
      if (reply.detail == SIGXCPU || reply.detail == SIGKILL) {
        return {Outcome::kTimeLimit, "was ended by the kernel's limit of CPU time"};
      }
      return {Outcome::kCrashed,
              fmt::format("ended by signal {} ({})", reply.detail, ::strsignal(reply.detail))};
    case Ending::kExited:
    case Ending::kNotStarted:
      break;
  }
  return {Outcome::kCrashed, fmt::format("left its interpreter with exit status {}", reply.detail)};
}

}  // namespace

WarmClient::Process::~Process() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);  // its child goes with it
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

WarmClient::~WarmClient() = default;

Result<WarmClient> WarmClient::start(const PythonRunner::Options& options, bool with_numpy) {
  SAMARA_TRY(const std::string executable, find_executable());
  WarmClient client;
  client.options_ = options;

  const UniqueFd memory(::memfd_create("samara-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const std::size_t size = Arena::bytes(options.batch, options.result_limit);
  // Sealed: nobody can make it smaller under the other's hands.
  if (!memory.valid() || ::ftruncate(memory.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return make_error(ErrorCode::kInternal, "cannot make {} bytes of shared memory: {}", size, errno_text());
  }
  client.arena_ = Arena(memory.get(), options.batch, options.result_limit);
  if (!client.arena_.valid()) {
    return make_error(ErrorCode::kInternal, "cannot map {} bytes of shared memory: {}", size, errno_text());
  }
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
    return make_error(ErrorCode::kInternal, "cannot make a socket: {}", errno_text());
  }
  client.socket_ = UniqueFd(sockets[0]);
  UniqueFd theirs(sockets[1]);
  // Longer than any request takes, so that a warm process that hangs counts as lost.
  const auto patience = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::seconds(60) +
      2 * static_cast<int>(options.batch) * (options.stall_limit + options.cpu_limit));
  const timeval timeout{patience.count(), 0};
  ::setsockopt(client.socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);

  if (!write_harnesses(options.harnesses, client.arena_.texts())) {
    return make_error(ErrorCode::kInvalidArgument, "the harnesses are larger than {} bytes",
                      Arena::kTextArea);
  }
  SAMARA_TRY(const pid_t pid, spawn(executable, theirs.get(), memory.get()));
  client.process_ = Process(pid);
  theirs.reset();

  const Configuration configuration = configuration_of(options, with_numpy);
  Readiness readiness{};
  if (!send_message(client.socket_.get(), &configuration, sizeof configuration) ||
      receive_message(client.socket_.get(), &readiness, sizeof readiness) != sizeof readiness) {
    return make_error(ErrorCode::kInternal,
                      "{} ended before it was ready; is it of the same build as this program?", executable);
  }
  if (readiness.code != 0) {
    readiness.message.back() = '\0';
    return Error{static_cast<ErrorCode>(readiness.code), readiness.message.data()};
  }
  return client;
}

std::size_t WarmClient::fitting(std::span<const Job> jobs) const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const Job& job : jobs.first(std::min(jobs.size(), options_.batch))) {
    bytes += job.text.size() + 1;
    if (bytes > Arena::kTextArea) break;
    ++count;
  }
  return count;
}

Result<Report> WarmClient::run(std::span<const Job> jobs) {
  Request request;
  request.count = static_cast<std::uint32_t>(jobs.size());
  std::size_t offset = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string_view text = jobs[i].text;
    std::copy(text.begin(), text.end(), arena_.texts().begin() + static_cast<std::ptrdiff_t>(offset));
    arena_.texts()[offset + text.size()] = '\0';
    request.jobs[i] = {static_cast<std::uint32_t>(jobs[i].harness), static_cast<std::uint32_t>(offset),
                       static_cast<std::uint32_t>(text.size())};
    offset += text.size() + 1;
    arena_.slot(i).state.store(SlotState::kWaiting, std::memory_order_release);
  }
  Reply reply{};
  if (!send_message(socket_.get(), &request, request_bytes(jobs.size())) ||
      receive_message(socket_.get(), &reply, sizeof reply) != sizeof reply) {
    return make_error(ErrorCode::kInternal, "the process samara-python was lost");
  }
  if (reply.ending == Ending::kNotStarted) {
    return make_error(ErrorCode::kInternal, "samara-python cannot start a child: {}",
                      std::strerror(reply.detail));
  }

  Report report;
  report.entries.reserve(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) report.entries.push_back(take(i, jobs.size() == 1, reply));
  return report;
}

Report::Entry WarmClient::take(std::size_t index, bool alone, const Reply& reply) const {
  const Slot& slot = arena_.slot(index);
  const std::size_t size = std::min<std::size_t>(slot.size, options_.result_limit);
  const std::string_view bytes(arena_.result(index).data(), size);
  switch (slot.state.load(std::memory_order_acquire)) {
    case SlotState::kValue:
      return {Report::Fate::kResult, EncodedValue{std::string(bytes)}};
    case SlotState::kFailure: {
      const auto outcome =
          slot.outcome < kOutcomeCount ? static_cast<Outcome>(slot.outcome) : Outcome::kCrashed;
      return {Report::Fate::kResult, Failure{outcome, one_line(sanitize_utf8(bytes), kMaxMessage)}};
    }
    case SlotState::kWaiting:
      if (!alone) return {Report::Fate::kNotRun, {}};
      break;
    default:
      if (!alone) return {Report::Fate::kNeedsOwnChild, {}};
      break;
  }
  return {Report::Fate::kResult, failure_of(reply, options_)};
}

}  // namespace samara::sandbox
