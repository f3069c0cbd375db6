// OptimizerState: AdamW and Muon over a network's parameters. Internal: the source includes torch. Steps are
// deterministic on any number of threads.
#pragma once

#include <vector>

#include "samara/lm/torch/internal/network.h"
#include "samara/lm/torch/trainer.h"

namespace samara::lm {

class OptimizerState {
 public:
  OptimizerState(const TrainingOptions& options, Network& network);

  /// Changes the weights along the gradients, which are first scaled down to the norm in the options.
  /// @param share of the peak learning rates
  /// @return the gradients' norm before that
  double step(double share);

  /// The moments, named after parameters: what a checkpoint holds, besides steps().
  Tensors tensors() const;
  std::uint64_t steps() const { return steps_; }
  /// Takes over what tensors() gave. Errors: kInvalidData where they are not those of this network.
  Status restore(const Tensors& tensors, std::uint64_t steps);

 private:
  struct Slot {
    bool muon = false;
    at::Tensor first, second;  ///< AdamW's moments; Muon has the first alone
  };
  void adam(Parameter& parameter, Slot& slot, double share, double gradient_scale) const;
  void muon(Parameter& parameter, Slot& slot, double share, double gradient_scale) const;

  TrainingOptions options_;
  Network& network_;
  std::vector<Slot> slots_;
  std::uint64_t steps_ = 0;
};

/// The nearest matrix with all singular values near 1, by Muon's five Newton-Schulz steps in `type`.
at::Tensor orthogonalized(const at::Tensor& matrix, at::ScalarType type);

}  // namespace samara::lm
