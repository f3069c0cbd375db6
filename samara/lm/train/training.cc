#include "samara/lm/train/training.h"

#include "samara/lm/processor.h"

namespace samara::lm {

Precision default_precision(std::string_view device) {
  return device != "cpu" || cpu_has_bf16() ? Precision::kBF16 : Precision::kFP32;
}

Precision precision_of(const TrainingOptions& options) {
  return options.precision.value_or(default_precision(options.device));
}

}  // namespace samara::lm
