// The seccomp filter of contained processes: a list of what is denied, as evaluators are whole programs in
// any language and need most of the kernel's calls. Read contained_process.h for what stands around it. The
// same arguments give the same filter. Safe to call from any thread.
#pragma once

#include "samara/base/result.h"
#include "samara/base/unique_fd.h"

namespace samara::sandbox {

/// A file that holds the filter as BPF, as bubblewrap takes it, at its beginning. Denied calls fail with
/// EPERM, or with ENOSYS where programs know another way. Without `network`, sockets are AF_UNIX ones only.
/// Errors: kUnsupported when this processor or kernel has no such filters.
Result<UniqueFd> make_syscall_filter(bool network);

}  // namespace samara::sandbox
