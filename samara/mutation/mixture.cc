#include "samara/mutation/mixture.h"

#include <algorithm>
#include <cmath>

#include "samara/base/check.h"

namespace samara {

ArmMixture ArmMixture::fixed(std::span<const ArmWeight> arms) {
  return ArmMixture(arms, false, {});
}

ArmMixture ArmMixture::adaptive(std::span<const ArmWeight> arms, const AdaptiveOptions& options) {
  return ArmMixture(arms, true, options);
}

ArmMixture::ArmMixture(std::span<const ArmWeight> arms, bool adapts, const AdaptiveOptions& options)
    : adapts_(adapts), options_(options) {
  SAMARA_CHECK(options.floor >= 0.0 && options.floor <= 1.0);
  SAMARA_CHECK(options.decay > 0.0 && options.decay < 1.0);
  SAMARA_CHECK(options.prior > 0.0);
  double total = 0.0;
  for (const ArmWeight& arm : arms) {
    SAMARA_CHECK(std::isfinite(arm.weight) && arm.weight >= 0.0);
    SAMARA_CHECK(std::isfinite(arm.cost) && arm.cost > 0.0);
    total += arm.weight;
  }
  SAMARA_CHECK(total > 0.0);
  for (const ArmWeight& arm : arms) {
    arms_.push_back({.weight = arm.weight / total, .cost = arm.cost});
    probabilities_.push_back(arm.weight / total);  // the rates start in proportion to the weights
  }
  const bool costs_differ =
      std::any_of(arms_.begin(), arms_.end(), [](const Arm& a) { return a.cost != 1.0; });
  if (adapts && costs_differ) adapt();
}

double ArmMixture::rate(const Arm& arm) const {
  if (arm.weight == 0.0) return 0.0;
  return (arm.accepted + options_.prior * arm.weight) / (arm.proposed + options_.prior) / arm.cost;
}

void ArmMixture::update(std::size_t arm, bool accepted) {
  SAMARA_CHECK(arm < arms_.size());
  if (!adapts_) return;
  Arm& counted = arms_[arm];
  counted.proposed = options_.decay * counted.proposed + 1.0;
  counted.accepted = options_.decay * counted.accepted + (accepted ? 1.0 : 0.0);
  adapt();
}

void ArmMixture::adapt() {
  double total = 0.0;
  for (const Arm& each : arms_) total += rate(each);
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    probabilities_[i] = options_.floor * arms_[i].weight + (1.0 - options_.floor) * (rate(arms_[i]) / total);
  }
}

}  // namespace samara
