// The engine that samples the diff model in a run's workers: lm/cpu, one generator per thread, with the
// packed weights of a model shared by all threads.
#pragma once

#include "samara/mutation/diff/diff_operator.h"

namespace samara {

/// The factory may be copied and called from several threads.
diff::GeneratorFactory cpu_generators();

}  // namespace samara
