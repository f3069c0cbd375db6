// Watch: notices what a program does that reaches beyond itself while it shares a child with others. Two
// things count: looking at an object's address (hashing or printing what has nothing else to offer), since
// addresses depend on what ran before; and setting an attribute on a module, class or function that outlives
// the program. guard.h adds what happens inside containers. Installed once, single threaded.
#pragma once

namespace samara::sandbox {

/// Wraps the functions of all types that exist now. The objects that exist now are "known": they live as long
/// as the interpreter and have the same address in every child. Call it last, before the first child.
void start_watching();

/// Forgets what was seen so far; call it before a program.
void forget_seen();
/// The program looked at the address of an object that is not known.
bool address_seen();
/// The program set or deleted an attribute of something known.
bool known_object_changed();

}  // namespace samara::sandbox
