// TrainingJob: a training on disk: start model, examples, options, and whatever the training has reached. A
// folder is enough to run it, to kill it and to carry it on; samara-train (lm/torch) is the program that
// does, and run_training() (train_process.h) starts and watches it. The folder holds `start` (a model
// folder), training.examples, validation.examples and options.json; job.json, written last, says which
// training it is; then come the files that are named below. Values and files only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/lm/model.h"
#include "samara/lm/train/examples.h"
#include "samara/lm/train/training.h"

namespace samara::lm {

/// What a job folder holds; see also TrainingOptions::checkpoint.
struct TrainingJob {
  Model start;
  ExampleSet training, validation;
  TrainingOptions options;
};

// What the training adds.
std::filesystem::path job_checkpoint(const std::filesystem::path& job);  ///< folder of the last checkpoint
std::filesystem::path job_result(const std::filesystem::path& job);      ///< the trained model's folder
std::filesystem::path job_curve(const std::filesystem::path& job);       ///< CSV, a line per report

/// Makes the folder. A folder that already holds the same job (same start, examples and what affects results)
/// is left as it is, so that its training goes on; where no precision is named, in the one that it was
/// started with. Errors: kInvalidArgument for options that cannot be trained with; kAlreadyExists for another
/// job, saying in what it differs; kIo.
Status write_training_job(const std::filesystem::path& folder, const TrainingJob& job);

/// Errors: kNotFound, kInvalidData, kIo.
Result<TrainingJob> read_training_job(const std::filesystem::path& folder);

/// Options as JSON and back; `stop` stays behind. Errors: kInvalidData naming the key.
std::string write_training_options(const TrainingOptions& options);
Result<TrainingOptions> read_training_options(std::string_view json);

/// Progress as one line of JSON and back: what samara-train prints. Errors: kInvalidData.
std::string write_progress(const TrainingProgress& progress);
Result<TrainingProgress> read_progress(std::string_view json);

}  // namespace samara::lm
