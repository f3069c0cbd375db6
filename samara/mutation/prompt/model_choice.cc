#include "samara/mutation/prompt/model_choice.h"

#include <cmath>

#include "samara/base/check.h"

namespace samara::prompt {

ModelChoice ModelChoice::fixed(std::span<const ModelOption> models) {
  return ModelChoice(models, false, {});
}

ModelChoice ModelChoice::bandit(std::span<const ModelOption> models, const BanditOptions& options) {
  return ModelChoice(models, true, options);
}

ModelChoice::ModelChoice(std::span<const ModelOption> models, bool adapts, const BanditOptions& options)
    : adapts_(adapts), options_(options) {
  SAMARA_CHECK(!models.empty());
  double total = 0.0;
  for (const ModelOption& model : models) {
    SAMARA_CHECK(std::isfinite(model.weight) && model.weight > 0.0);
    total += model.weight;
  }
  for (const ModelOption& model : models) {
    const double nominal = model.price.of(1000, 500);
    free_ = free_ && nominal == 0.0;
    models_.push_back({.weight = model.weight / total, .nominal = nominal});
    probabilities_.push_back(model.weight / total);
  }
}

double ModelChoice::value(const Model& model) const {
  const double seen = model.proposed + options_.prior;
  const double rate = (model.accepted + options_.prior * model.weight) / seen;
  if (free_) return rate;
  // A model without a price among some that have one is not infinitely good.
  constexpr double kLeastCost = 1e-6;
  const double cost = (model.spent + options_.prior * model.nominal) / seen;
  return rate / (cost > kLeastCost ? cost : kLeastCost);
}

void ModelChoice::fold(std::size_t model, double cost, bool accepted) {
  SAMARA_CHECK(model < models_.size());
  if (!adapts_) return;
  Model& counted = models_[model];
  counted.proposed = options_.decay * counted.proposed + 1.0;
  counted.accepted = options_.decay * counted.accepted + (accepted ? 1.0 : 0.0);
  counted.spent = options_.decay * counted.spent + cost;
  double total = 0.0;
  for (const Model& each : models_) total += value(each);
  for (std::size_t i = 0; i < models_.size(); ++i) {
    probabilities_[i] =
        options_.floor * models_[i].weight + (1.0 - options_.floor) * (value(models_[i]) / total);
  }
}

}  // namespace samara::prompt
