// ModelChoice: which of several models answers, with fixed weights or by a bandit that weighs what a model's
// proposals cost against how many the archive accepts. Read mutation/mixture.h for the same idea over arms.
// The bandit is a fold over the evaluation log and the recorded replies, in plain arithmetic (+ * / only), so
// a run that is resumed or replayed chooses the same. A value type; const means safe to call concurrently.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/endpoint/account.h"

namespace samara::prompt {

struct ModelOption {
  std::string name;
  double weight = 1.0;  ///< relative, > 0
  endpoint::Price price;
};

/// Probability matching on acceptances per cost, with the weights w as prior and floor. W: their sum,
///
///     rate_i        = (accepted_i + prior w_i / W) / (proposed_i + prior)
///     cost_i        = (spent_i + prior nominal_i) / (proposed_i + prior)
///     probability_i = floor w_i / W + (1 - floor) (rate_i / cost_i) / sum of these
///
/// where the counts of a model are multiplied by `decay` at each of its own proposals, and nominal_i is the
/// price of 1,000 prompt tokens and 500 of completion. Where all models are free, cost_i is 1.
struct BanditOptions {
  double floor = 0.2;
  double decay = 0.998;
  double prior = 20.0;
};

class ModelChoice {
 public:
  /// At least one model; weights finite and positive.
  static ModelChoice fixed(std::span<const ModelOption> models);
  static ModelChoice bandit(std::span<const ModelOption> models, const BanditOptions& options = {});

  /// One per model, adding up to 1.
  const std::vector<double>& probabilities() const { return probabilities_; }
  /// Counts a proposal of the model that is through. In the log's order; does nothing to fixed weights.
  void fold(std::size_t model, double cost, bool accepted);

 private:
  struct Model {
    double weight = 0.0;  ///< normalized
    double nominal = 0.0;
    double proposed = 0.0, accepted = 0.0, spent = 0.0;
  };

  ModelChoice(std::span<const ModelOption> models, bool adapts, const BanditOptions& options);
  double value(const Model& model) const;

  bool adapts_;
  bool free_ = true;
  BanditOptions options_;
  std::vector<Model> models_;
  std::vector<double> probabilities_;
};

}  // namespace samara::prompt
