// The cosine that moves muscles. The C library's differs in the last bit between versions and machines, and a
// walk amplifies such a bit; this one is made of IEEE operations only and gives the same bits everywhere.
// Within 1e-15 of the true value for angles up to 1000 turns (cosine_test.cc). Pure function; thread safe.
#pragma once

namespace samara::sodarace {

/// cos(2 pi turns); |turns| at most 1e6.
double cosine_of_turns(double turns);

}  // namespace samara::sodarace
