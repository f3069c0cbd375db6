// The fixed sequence that stands in for the kernel's randomness; getrandom.cc says why.
#pragma once

namespace samara::sandbox {

/// Starts the sequence again, so that every program sees the same one.
void restart_getrandom();

}  // namespace samara::sandbox
