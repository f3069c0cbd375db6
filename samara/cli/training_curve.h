// The curve of a training as a picture: loss and held-back accuracy over training tokens.
#pragma once

#include <filesystem>

#include "samara/base/result.h"

namespace samara::cli {

/// Copies the job's curve.csv beside the model, as curve.csv and curve.png. Errors: those of reading and
/// writing.
Status keep_training_curve(const std::filesystem::path& job, const std::filesystem::path& model);

}  // namespace samara::cli
