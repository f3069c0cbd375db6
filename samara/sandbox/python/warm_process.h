// WarmProcess: the loop of samara-python. It loads the harnesses, proves the containment, and then answers
// each request with one forked child, which it watches and ends when a limit is reached. It never runs
// untrusted code itself and keeps no state between requests, so that every child starts from the same image.
// Single threaded.
#pragma once

namespace samara::sandbox {

/// Serves the runner at kSocketFd until that closes. Returns the exit status of the process.
int serve();

}  // namespace samara::sandbox
