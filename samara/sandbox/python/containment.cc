#include "samara/sandbox/python/containment.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "samara/base/unique_fd.h"

namespace samara::sandbox {
namespace {

// What an interpreter needs to compute: memory, locks, clocks, its own end.
constexpr int kAllowed[] = {
    SCMP_SYS(munmap), SCMP_SYS(mremap),        SCMP_SYS(brk),          SCMP_SYS(madvise),
    SCMP_SYS(futex),  SCMP_SYS(exit),          SCMP_SYS(exit_group),   SCMP_SYS(rt_sigreturn),
    SCMP_SYS(getpid), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(sched_yield),
};

// What a program may well try by way of ordinary Python, so that it deserves a PermissionError. Everything
// that stands in neither list kills the child.
constexpr int kDenied[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(creat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(chdir),
    SCMP_SYS(getdents64),
    SCMP_SYS(mkdir),
    SCMP_SYS(rmdir),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(chmod),
    SCMP_SYS(truncate),
    SCMP_SYS(ftruncate),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(ioctl),
    SCMP_SYS(poll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(memfd_create),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(alarm),
    SCMP_SYS(setitimer),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(mprotect),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(setrlimit),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(times),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_getaffinity),
};

std::vector<sock_filter> compile_filter() {
  const scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (context == nullptr) return {};
  for (const int call : kAllowed) seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
  for (const int call : kDenied) seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), call, 0);
  // Memory, but neither executable nor a file's.
  seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                   SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
  seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree instead of a list
  std::vector<sock_filter> filter;
  const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  if (file.valid() && seccomp_export_bpf(context, file.get()) == 0) {
    filter.resize(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)) / sizeof(sock_filter));
    const auto size = static_cast<ssize_t>(filter.size() * sizeof(sock_filter));
    if (::pread(file.get(), filter.data(), static_cast<std::size_t>(size), 0) != size) filter.clear();
  }
  seccomp_release(context);
  return filter;
}

bool set_limit(int resource, rlim_t value) {
  const rlimit limit{value, value};
  rlimit now{};
  const auto which = static_cast<__rlimit_resource_t>(resource);
  return ::setrlimit(which, &limit) == 0 && ::getrlimit(which, &now) == 0 && now.rlim_cur == value;
}

// Only for a contained child: what must not work any more. Returns what did.
const char* escape(const Containment::Limits& limits) {
  void* huge = ::mmap(nullptr, limits.memory, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (huge != MAP_FAILED) return "memory";
  if (::open("/", O_RDONLY) >= 0 || errno != EPERM) return "seccomp";
  if (::socket(AF_INET, SOCK_DGRAM, 0) >= 0 || errno != EPERM) return "seccomp";
  if (::kill(::getpid(), 0) == 0 || errno != EPERM) return "seccomp";
  return nullptr;
}

}  // namespace

Containment::Containment(std::string refused_layer)
    : refused_layer_(std::move(refused_layer)), filter_(compile_filter()) {}

std::optional<Containment::Refusal> Containment::enter(const Limits& limits) const {
  std::optional<Refusal> refusal;
  const auto layer = [&](const char* name, bool holds) {
    if (refusal) return;
    if (refused_layer_ == name) {
      refusal = Refusal{name, "refused for a test"};
    } else if (!holds) {
      refusal = Refusal{name, std::strerror(errno)};
    }
  };
  layer("descriptors", ::close_range(0, ~0U, 0) == 0);
  layer("parent", ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
  layer("dumpable", ::prctl(PR_SET_DUMPABLE, 0) == 0);
  layer("memory", set_limit(RLIMIT_AS, limits.memory));
  layer("cpu", set_limit(RLIMIT_CPU, limits.cpu_seconds));
  layer("files", set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_NOFILE, 0) && set_limit(RLIMIT_CORE, 0));
  layer("processes", set_limit(RLIMIT_NPROC, 0));
  layer("privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  if (refused_layer_ != "seccomp") {
    sock_fprog program{static_cast<unsigned short>(filter_.size()), const_cast<sock_filter*>(filter_.data())};
    layer("seccomp", !filter_.empty() && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
  } else {
    layer("seccomp", true);
  }
  return refusal;
}

std::optional<Containment::Refusal> Containment::probe(const Limits& limits) const {
  // The probe reports through memory, as it has no descriptor left to write to.
  struct Report {
    bool refused;
    char layer[32];
    char detail[128];
  };
  void* memory = ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return Refusal{"shared memory", std::strerror(errno)};
  auto* report = static_cast<Report*>(memory);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto tell = [report](const char* layer, const char* detail) {
      report->refused = true;
      std::strncpy(report->layer, layer, sizeof report->layer - 1);
      std::strncpy(report->detail, detail, sizeof report->detail - 1);
    };
    if (const auto refusal = enter(limits)) {
      tell(refusal->layer.c_str(), refusal->detail.c_str());
    } else if (const char* layer = escape(limits)) {
      tell(layer, "accepted, but without effect");
    }
    ::_exit(0);
  }
  int status = 0;
  std::optional<Refusal> refusal;
  if (child < 0) {
    refusal = Refusal{"fork", std::strerror(errno)};
  } else if (::waitpid(child, &status, 0) < 0 || status != 0) {
    refusal = Refusal{"seccomp", "the probe did not survive it"};
  } else if (report->refused) {
    refusal = Refusal{report->layer, report->detail};
  }
  ::munmap(memory, sizeof(Report));
  return refusal;
}

}  // namespace samara::sandbox
