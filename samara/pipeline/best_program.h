// The best program of a task's run as files, in the layout that users of OpenEvolve know:
// RUN/best/best_program.<suffix> and RUN/best/best_program_info.json. A copy for people and their scripts:
// the run's store is the truth.
#pragma once

#include "samara/pipeline/run.h"

namespace samara {

/// The elite of the largest fitness, in the first niche among equals; null while there is none. Owned by the
/// state.
const Elite* best_elite(const RunState& state);

/// Writes them anew; does nothing for other domains and for archives without an elite. A program of several
/// files gets one folder, best_program/. Errors: kIo, those of the store.
Status write_best_program(Run& run, const RunState& state);

}  // namespace samara
