// Identity: notices when a program looks at an object's address, by hashing or printing an object that has
// nothing else to offer. Addresses depend on what ran before in the same child, so what such a program
// computes beside others may not count; alone in a fresh child it repeats. Installed once, single threaded.
#pragma once

namespace samara::sandbox {

/// Wraps the hash and repr functions of all types that exist now, and takes the objects that exist now as
/// known: their addresses are the same in every child. Call it last, before the first child.
void watch_identity();

/// An address has been looked at since the last forget_identity().
bool identity_seen();
void forget_identity();

}  // namespace samara::sandbox
