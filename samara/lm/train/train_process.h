// run_training(): runs a training job in a process of its own, samara-train, and passes on its progress.
// libtorch takes a second to load and some hundred megabytes, so that only the process that trains has it
// (docs/adr/0007). When this process ends, by whatever cause, the training gets a SIGTERM, writes a
// checkpoint and ends; the next run_training() of the folder goes on from there.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>

#include "samara/base/result.h"
#include "samara/lm/model.h"
#include "samara/lm/train/training_job.h"

namespace samara::lm {

/// Trains the job in `folder` (write_training_job()) to its end, from where it stands; a finished one returns
/// at once. `observe` hears of each report from the calling thread. Errors: kCancelled when `stop` became
/// true (a checkpoint is kept); those of train(); kNotFound without the executable samara-train beside this
/// one; kInternal when the process was lost, which names the signal.
Result<Model> run_training(const std::filesystem::path& folder,
                           const std::function<void(const TrainingProgress&)>& observe,
                           const std::atomic<bool>& stop);

}  // namespace samara::lm
