// Ctrl-C ends a run politely: the first one asks the loop to stop, the second ends the program at once.
// Either way nothing that was committed is lost.
#pragma once

#include <atomic>

namespace samara::cli {

/// From now on SIGINT and SIGTERM set the returned flag; one more of them ends the program.
const std::atomic<bool>& stop_on_interrupt();

}  // namespace samara::cli
