// samara-python: the warm interpreter process of a PythonRunner, which starts it; not for people to run.
// It wants an address space without randomization, so that what depends on addresses repeats, and executes
// itself again to get one. A kernel that refuses this (some container hosts do) weakens only that.
#include <sys/personality.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "samara/sandbox/python/warm_process.h"
#include "samara/sandbox/wire/wire.h"

int main(int argc, char** argv) {
  constexpr char kAgain[] = "--again";
  if (argc == 1) {
    std::fprintf(stderr, "samara-python is started by samara; see docs/sandbox.md\n");
    return 2;
  }
  const int persona = ::personality(0xffffffff);
  if (persona >= 0 && (persona & ADDR_NO_RANDOMIZE) == 0 && std::strcmp(argv[1], kAgain) != 0 &&
      ::personality(static_cast<unsigned long>(persona) | ADDR_NO_RANDOMIZE) >= 0) {
    char* const arguments[] = {argv[0], const_cast<char*>(kAgain), nullptr};
    ::execv("/proc/self/exe", arguments);
  }
  ::close_range(samara::sandbox::kArenaFd + 1, ~0U, 0);
  return samara::sandbox::serve();
}
