// The line that says how far a training is: loss, speed, time left; at the end, what share of the positions
// was padding. Redrawn in place on a terminal, otherwise a line every few seconds.
#pragma once

#include <string>

#include "samara/lm/train/training.h"

namespace samara::cli {

class TrainingProgressLine {
 public:
  /// @param title what is trained, e.g. "generation 2"; may be empty
  explicit TrainingProgressLine(std::string title = "");
  void show(const lm::TrainingProgress& progress);

 private:
  std::string title_;
  std::string validation_;
  bool terminal_;
  double next_ = 0.0;
};

}  // namespace samara::cli
