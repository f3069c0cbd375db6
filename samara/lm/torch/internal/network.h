// Network: a model's forward and backward pass over batches, on one device. The loss, and with it the last
// layer's queries, feed-forward network and the output matrix, is computed at the positions that count alone.
// Internal: this header includes torch. One thread per object; it has its own worker threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "samara/lm/model_config.h"
#include "samara/lm/torch/internal/batch.h"
#include "samara/lm/torch/internal/ops.h"
#include "samara/lm/torch/internal/parallel.h"
#include "samara/lm/torch/internal/parameters.h"
#include "samara/lm/torch/trainer.h"

namespace samara::lm {

struct LossTotals {
  double loss = 0.0;     ///< sum of weight * negative log-likelihood
  double correct = 0.0;  ///< sum of weight where the target is the most probable token
  double weight = 0.0;
};

class Network {
 public:
  /// @param composed  use composed_ops() on the CPU, too: slower, for tests
  Network(const ModelConfig& config, const Tensors& tensors, Precision precision, const at::Device& device,
          int threads, bool composed = false);

  /// Sets the parameters' gradients to those of the batches' mean loss.
  LossTotals differentiate(std::span<const Batch> batches);
  LossTotals measure(std::span<const Batch> batches);
  /// (counted positions, vocabulary) fp32, in memory.
  Tensor logits(const Batch& batch);

  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  Team& team() { return team_; }

  /// To be called after the parameters' weights were changed.
  void refresh();

 private:
  struct Layer;
  struct Pass;
  Pass forward(const Batch& batch) const;
  LossTotals finish(Pass& pass, const Batch& batch, double scale, std::vector<at::Tensor>* gradients) const;
  void backward(Pass& pass, at::Tensor gradient, std::vector<at::Tensor>& gradients) const;
  const at::Tensor& matrix(std::size_t index) const { return compute_[index]; }
  const at::Tensor& vector(std::size_t index) const { return parameters_.all[index].weights; }

  ModelConfig config_;
  at::Device device_;
  at::ScalarType type_;  // of activations
  const Ops& ops_;
  Parameters parameters_;
  std::vector<at::Tensor> compute_;  // the parameters in type_
  at::Tensor cosines_, sines_;
  std::vector<HeadKind> kinds_;  // of the stacked projection: queries, keys, values
  Team team_;
};

}  // namespace samara::lm
