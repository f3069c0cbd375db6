// The engine that samples the diff model in a run's workers: lm/cpu, one generator per thread, with the
// packed weights of a model, and what was read of prompts, shared by all threads. Both go when the last
// thread has let go of the model and another one is asked for.
#pragma once

#include "samara/mutation/diff/diff_operator.h"

namespace samara {

/// The factory may be copied and called from several threads.
diff::GeneratorFactory cpu_generators();

}  // namespace samara
