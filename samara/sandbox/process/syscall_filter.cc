#include "samara/sandbox/process/syscall_filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "samara/base/file.h"

namespace samara::sandbox {
namespace {

// What no evaluator needs and what holes in kernels are found in, or what reaches other processes. Two lists
// of the same kind: Docker's default profile and systemd's @system-service.
constexpr const char* kDenied[] = {
    // Other processes.
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    // What filters, namespaces and mounts are made of.
    "unshare", "setns", "mount", "umount", "umount2", "mount_setattr", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "pivot_root", "chroot",
    // The kernel itself.
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "bpf",
    "perf_event_open", "userfaultfd", "lookup_dcookie", "iopl", "ioperm", "modify_ldt", "reboot", "swapon",
    "swapoff", "acct", "quotactl", "quotactl_fd", "nfsservctl", "syslog", "vhangup", "personality",
    "fanotify_init", "name_to_handle_at", "open_by_handle_at",
    // Keys, clocks, names.
    "add_key", "request_key", "keyctl", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
    "sethostname", "setdomainname",
    // Memory and messages that outlive a process.
    "shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop",
    "semctl", "mq_open", "mq_unlink",
    // Priorities, of which a candidate could take those of others.
    "setpriority", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr", "migrate_pages",
    "move_pages", "mbind", "set_mempolicy"};

// Programs try these first and then go the older way. Memory in a memfd that is not mapped belongs to no
// process, so that no limit of memory would find it.
constexpr const char* kNotThere[] = {"io_uring_setup", "io_uring_enter", "io_uring_register",
                                     "clone3",         "memfd_create",   "memfd_secret"};

constexpr std::uint64_t kNewNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};

bool add_rules(void* filter, bool network) {
  const auto deny = [&](const char* name, int error) {
    const int number = seccomp_syscall_resolve_name(name);
    // Calls that this processor or libseccomp does not know cannot be made under names that it does.
    return number == __NR_SCMP_ERROR || seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), number, 0) == 0;
  };
  bool ok = true;
  for (const char* name : kDenied) ok = ok && deny(name, EPERM);
  for (const char* name : kNotThere) ok = ok && deny(name, ENOSYS);
  // One rule per flag: a rule matches when all its conditions hold, and one flag is enough.
  for (std::uint64_t flag = 1; flag <= kNewNamespaces; flag <<= 1) {
    if ((kNewNamespaces & flag) == 0) continue;
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)) == 0;
  }
  // Limits of other processes; one's own go by 0.
  ok = ok &&
       seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0)) == 0;
  // Processors of the first process there, which what comes later would inherit.
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(sched_setaffinity), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, 1)) == 0;
  // Typing into a terminal.
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI)) == 0;
  if (!network) {
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                                SCMP_A0(SCMP_CMP_NE, AF_UNIX)) == 0;
  }
  return ok;
}

}  // namespace

Result<UniqueFd> make_syscall_filter(bool network) {
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter || !add_rules(filter.get(), network)) {
    return make_error(ErrorCode::kUnsupported, "libseccomp cannot make the filter of contained processes");
  }
  UniqueFd file(::memfd_create("samara-filter", MFD_CLOEXEC));
  if (!file.valid() || seccomp_export_bpf(filter.get(), file.get()) != 0 ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    return make_error(ErrorCode::kUnsupported, "cannot write the filter of contained processes: {}",
                      errno_text());
  }
  return file;
}

}  // namespace samara::sandbox
