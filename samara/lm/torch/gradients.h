// Logits and gradients of single batches: for comparing engines and for checking derivatives. Training proper
// is in trainer.h. Deterministic; each call makes its own engine, so none of this is fast.
#pragma once

#include <span>

#include "samara/base/result.h"
#include "samara/lm/model.h"
#include "samara/lm/torch/trainer.h"
#include "samara/lm/train/examples.h"

namespace samara::lm {

/// (tokens, vocabulary): what the model predicts after each token.
/// Errors: kInvalidArgument for no token, one outside the vocabulary, or more than the model's context.
Result<Tensor> logits(const Model& model, std::span<const TokenId> tokens,
                      Precision precision = Precision::kFP32);

struct LossAndGradients {
  double loss = 0.0;  ///< weighted mean over the tokens that count, in nats
  Tensors gradients;  ///< of that, by the names of the model's tensors
};
struct GradientOptions {
  Precision precision = Precision::kFP32;
  double prompt_loss_weight = 0.0;
  std::uint32_t micro_batch_tokens = 2048;
  bool composed =
      false;  ///< through torch's operations and autograd, as on a GPU, instead of our own kernels
};
/// All examples as one optimizer step. Errors: as of train().
Result<LossAndGradients> loss_and_gradients(const Model& model, const ExampleSet& examples,
                                            const GradientOptions& options = {});

}  // namespace samara::lm
