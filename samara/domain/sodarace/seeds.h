// The seed programs that evolution starts from, as the ELM paper describes them: square, radial, cppn-fixed
// and cppn-mutable. Their texts are the files seeds/*.py, compiled in. Constant data; thread safe.
#pragma once

#include <span>

#include "samara/domain/domain.h"

namespace samara::sodarace {

std::span<const Seed> seed_programs();

}  // namespace samara::sodarace
