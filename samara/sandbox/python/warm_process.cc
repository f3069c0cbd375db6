#include "samara/sandbox/python/warm_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "samara/base/unique_fd.h"
#include "samara/sandbox/python/containment.h"
#include "samara/sandbox/python/interpreter.h"
#include "samara/sandbox/wire/arena.h"
#include "samara/sandbox/wire/wire.h"

namespace samara::sandbox {
namespace {

std::uint64_t nanoseconds(clockid_t clock) {
  timespec now{};
  if (::clock_gettime(clock, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// Far from all else, so that the size of the arena moves no other address: the batch size affects speed only.
constexpr std::uintptr_t kArenaAddress = std::uintptr_t{1} << 44;

class WarmProcess {
 public:
  WarmProcess(const Configuration& configuration, Arena arena)
      : configuration_(configuration),
        arena_(std::move(arena)),
        containment_(configuration.refused_layer.data()) {}

  Status prepare() {
    if (const auto refusal = containment_.probe(limits(1)); refusal && !configuration_.allow_uncontained) {
      return make_error(ErrorCode::kUnsupported,
                        "this kernel refuses the containment layer '{}' ({}); docs/sandbox.md says what each "
                        "layer needs, and trusted programs can run with --allow-uncontained",
                        refusal->layer, refusal->detail);
    }
    std::vector<HarnessSource> harnesses(configuration_.harness_count);
    HarnessReader reader(arena_.texts());
    for (HarnessSource& harness : harnesses) {
      harness.candidate = reader.number() != 0;
      harness.name = reader.text();
      harness.source = reader.text();
      harness.entry = reader.text();
    }
    SAMARA_TRY(interpreter_, Interpreter::start(harnesses, configuration_.with_numpy));
    return {};
  }

  Reply answer(const Request& request) {
    const pid_t child = ::fork();
    if (child == 0) run_child(request);
    if (child < 0) return {Ending::kNotStarted, errno};
    return watch(child, request.count);
  }

 private:
  Containment::Limits limits(std::uint64_t programs) const {
    const std::uint64_t cpu = programs * configuration_.cpu_limit_ns / 1'000'000'000U + 2;
    const std::size_t arena = Arena::bytes(configuration_.slot_count, configuration_.result_limit);
    return {configuration_.memory_limit + arena, static_cast<unsigned>(cpu)};
  }

  [[noreturn]] void run_child(const Request& request) {
    const auto refusal = containment_.enter(limits(request.count));
    if (refusal && !configuration_.allow_uncontained) ::_exit(1);
    const bool alone = request.count == 1;
    for (std::size_t i = 0; i < request.count; ++i) {
      const JobEntry& job = request.jobs[i];
      Slot& slot = arena_.slot(i);
      slot.cpu_started_ns.store(nanoseconds(CLOCK_PROCESS_CPUTIME_ID), std::memory_order_relaxed);
      slot.state.store(SlotState::kRunning, std::memory_order_release);
      const Ended ended = interpreter_->run(job.harness, {arena_.texts().data() + job.offset, job.size},
                                            alone, arena_.result(i));
      slot.outcome = static_cast<std::uint32_t>(ended.outcome);
      slot.size = ended.size;
      slot.state.store(ended.kind == Ended::Kind::kValue     ? SlotState::kValue
                       : ended.kind == Ended::Kind::kFailure ? SlotState::kFailure
                                                             : SlotState::kNeedsOwnChild,
                       std::memory_order_release);
      if (ended.child_is_spent) break;
    }
    ::_exit(0);  // without any clean-up: finalizers of programs never run
  }

  // Waits for the child's end and brings it about when its program is over a limit.
  Reply watch(pid_t child, std::size_t count) {
    const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    clockid_t cpu_clock{};
    const bool has_clock = handle.valid() && ::clock_getcpuclockid(child, &cpu_clock) == 0;
    std::optional<Ending> ending;
    if (!has_clock) ending = Ending::kNotStarted;
    std::size_t current = 0;
    std::uint64_t wall_started = nanoseconds(CLOCK_MONOTONIC);
    std::uint64_t cpu_started = 0;
    while (!ending) {
      pollfd events[] = {{handle.get(), POLLIN, 0}, {kSocketFd, 0, 0}};
      constexpr int kStepMs = 10;
      if (::poll(events, 2, kStepMs) < 0 && errno != EINTR) ending = Ending::kNotStarted;
      if (events[0].revents != 0) break;
      if (events[1].revents != 0) ::_exit(0);  // the runner is gone, and the child goes with this process
      // A child that runs one program could write what it likes into the arena; its time starts at 0.
      const std::size_t before = current;
      while (count > 1 && current < count && finished(current)) ++current;
      if (current != before) wall_started = nanoseconds(CLOCK_MONOTONIC);
      if (count > 1 && current < count) cpu_started = arena_.slot(current).cpu_started_ns.load();
      const std::uint64_t cpu = nanoseconds(cpu_clock) - std::min(cpu_started, nanoseconds(cpu_clock));
      const std::uint64_t wall = nanoseconds(CLOCK_MONOTONIC) - wall_started;
      if (cpu > configuration_.cpu_limit_ns) ending = Ending::kCpuLimit;
      if (wall > configuration_.stall_limit_ns + cpu && is_asleep(child)) ending = Ending::kStalled;
    }
    if (ending) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ending) return {*ending, 0};
    if (WIFSIGNALED(status)) return {Ending::kSignalled, WTERMSIG(status)};
    return {Ending::kExited, WEXITSTATUS(status)};
  }

  bool finished(std::size_t index) const {
    const SlotState state = arena_.slot(index).state.load(std::memory_order_acquire);
    return state != SlotState::kWaiting && state != SlotState::kRunning;
  }

  // Waiting for something, as opposed to waiting for a processor.
  static bool is_asleep(pid_t process) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(process));
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    char text[256];
    const ssize_t size = file.valid() ? ::read(file.get(), text, sizeof text - 1) : 0;
    if (size <= 0) return true;
    text[size] = '\0';
    const char* state = std::strrchr(text, ')');
    return state == nullptr || state + 2 >= text + size || state[2] != 'R';
  }

  // The harnesses in the text area: numbers, and texts with their size before them.
  class HarnessReader {
   public:
    explicit HarnessReader(std::span<const char> texts) : at_(texts.data()) {}
    std::uint32_t number() {
      std::uint32_t value = 0;
      std::memcpy(&value, at_, sizeof value);
      at_ += sizeof value;
      return value;
    }
    std::string_view text() {
      const std::uint32_t size = number();
      const std::string_view text(at_, size);
      at_ += size;
      return text;
    }

   private:
    const char* at_;
  };

  Configuration configuration_;
  Arena arena_;
  Containment containment_;
  std::unique_ptr<Interpreter> interpreter_;
};

}  // namespace

int serve() {
  Configuration configuration{};
  if (receive_message(kSocketFd, &configuration, sizeof configuration) != sizeof configuration) return 1;
  Arena arena(kArenaFd, configuration.slot_count, configuration.result_limit, kArenaAddress);
  if (!arena.valid()) return 1;
  WarmProcess process(configuration, std::move(arena));
  Readiness readiness{};
  if (const Status status = process.prepare(); !status.ok()) {
    readiness.code = static_cast<std::uint32_t>(status.error().code);
    std::strncpy(readiness.message.data(), status.error().message.c_str(), readiness.message.size() - 1);
  }
  if (!send_message(kSocketFd, &readiness, sizeof readiness) || readiness.code != 0) return 1;

  static Request request;
  while (receive_message(kSocketFd, &request, sizeof request)) {
    const Reply reply = process.answer(request);
    if (!send_message(kSocketFd, &reply, sizeof reply)) break;
  }
  return 0;
}

}  // namespace samara::sandbox
