#include "samara/lm/torch/gradients.h"

#include "samara/lm/torch/internal/batch.h"
#include "samara/lm/torch/internal/guard.h"
#include "samara/lm/torch/internal/network.h"

namespace samara::lm {

Result<Tensor> logits(const Model& model, std::span<const TokenId> tokens, Precision precision) {
  if (tokens.empty()) return make_error(ErrorCode::kInvalidArgument, "there are no tokens to predict after");
  ExampleSet examples(model.config.vocab_size);
  Tokens extended(tokens.begin(), tokens.end());
  extended.push_back(tokens.front());  // a batch reads all but the last
  SAMARA_TRY_STATUS(examples.add(extended, 1));
  if (tokens.size() > model.config.max_positions) {
    return make_error(ErrorCode::kInvalidArgument, "{} tokens are more than the model's context of {}",
                      tokens.size(), model.config.max_positions);
  }
  return guarded([&]() -> Result<Tensor> {
    Network network(model.config, model.tensors, precision, at::Device(at::kCPU), 1);
    const std::uint32_t index = 0;
    return network.logits(make_batch(examples, {&index, 1}, 0.0));
  });
}

Result<LossAndGradients> loss_and_gradients(const Model& model, const ExampleSet& examples,
                                            const GradientOptions& options) {
  if (examples.empty()) return make_error(ErrorCode::kInvalidArgument, "there are no examples");
  SAMARA_TRY_STATUS(check_examples(model.config, examples));
  return guarded([&]() -> Result<LossAndGradients> {
    Network network(model.config, model.tensors, options.precision, at::Device(at::kCPU), 1,
                    options.composed);
    const BatchPlan plan = plan_by_length(examples, options.micro_batch_tokens);
    std::vector<Batch> batches;
    for (std::size_t b = 0; b < plan.size(); ++b) {
      batches.push_back(make_batch(examples, plan.batch(b), options.prompt_loss_weight));
    }
    const LossTotals totals = network.differentiate(batches);
    return LossAndGradients{totals.loss / totals.weight, network.parameters().gradients()};
  });
}

}  // namespace samara::lm
