// Trainer: fits a model's weights to examples, on CPU or CUDA. What comes out is a function of the start
// weights, the examples and the first half of TrainingOptions: on one machine and device a training that was
// killed and resumed ends with the same bits as one that was not, on any number of threads. Read gradients.h
// for single batches. One thread per trainer; it makes its own worker threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "samara/base/result.h"
#include "samara/lm/model.h"
#include "samara/lm/train/examples.h"
#include "samara/lm/train/training.h"  // options, progress, measures: shared with the process that starts a training

namespace samara::lm {

class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  /// Every `report_every` steps, after a validation and after the last step; from the thread that called
  /// run().
  virtual void progress(const TrainingProgress& progress) = 0;
  /// A checkpoint stands in this folder, whose `model` is a Hugging Face folder.
  virtual void checkpoint(const std::filesystem::path& /*folder*/) {}
};

struct TrainingResult {
  Model model;
  TrainingProgress last;
  bool finished = false;  ///< the budget was used up; otherwise `stop` ended it
};

/// Trains `start` on `training`. Where options.checkpoint holds a checkpoint of this training, it goes on
/// from there. @param validation may be empty; @param observer may be null; both are borrowed for the call.
/// Errors: kInvalidArgument for options, for examples of another vocabulary or longer than the model's
/// context, and where no example is short enough; kAlreadyExists for a checkpoint of another training;
/// kUnsupported for a device that is not there; kInvalidData where the loss became infinite or NaN; kIo.
Result<TrainingResult> train(const Model& start, const ExampleSet& training, const ExampleSet& validation,
                             const TrainingOptions& options, TrainingObserver* observer = nullptr);

/// Loss and accuracy of a model. Errors as for train().
Result<Evaluation> evaluate(const Model& model, const ExampleSet& examples,
                            Precision precision = Precision::kFP32, int threads = 1,
                            const std::string& device = "cpu");

}  // namespace samara::lm
