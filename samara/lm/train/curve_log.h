// CurveLog: a training's curve as CSV, a line per report: step, tokens, loss, validation loss and accuracy,
// learning rate, gradient norm, seconds. Made for people and their plotting tools. One thread at a time.
#pragma once

#include <filesystem>
#include <string>

#include "samara/base/result.h"
#include "samara/lm/train/training.h"

namespace samara::lm {

class CurveLog {
 public:
  /// Goes on with the file where it exists: lines past `step`, which a kill left behind a checkpoint, are
  /// dropped by the first add(). Errors: kIo, kInvalidData for a file that is no curve.
  static Result<CurveLog> open(const std::filesystem::path& file);
  /// Appends a line, after those of earlier steps. Errors: kIo.
  Status add(const TrainingProgress& progress);

 private:
  CurveLog(std::filesystem::path file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

  std::filesystem::path file_;
  std::string text_;
  bool fresh_ = true;
};

}  // namespace samara::lm
