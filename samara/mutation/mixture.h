// ArmMixture: how often each arm of a mutation operator is tried, with fixed weights or adapted to what the
// archive accepts. Read operator.h first; emitters draw from it. The adaptive mixture is a fold over the
// evaluation log in slot order, in plain arithmetic (+ * / only), so a resumed run has the same bits on any
// machine. A value type; const means safe to call concurrently.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "samara/base/rng.h"

namespace samara {

/// An arm and its share of the draws; weights are relative, 0 turns the arm off.
struct ArmWeight {
  std::string name;
  double weight = 1.0;
  double cost = 1.0;  ///< of a proposal, relative to other arms', > 0; only adaptive mixtures look at it
  friend bool operator==(const ArmWeight&, const ArmWeight&) = default;
};

/// Adaptive probability matching (Goldberg, "Probability matching, the magnitude of reinforcement, and
/// classifier system bidding", 1990; in the form of Thierens, "An adaptive pursuit strategy for allocating
/// operator probabilities", GECCO 2005), with the weights w as prior and floor. With W the sum of the
/// weights,
///
///     rate_i        = (accepted_i + prior w_i / W) / (proposed_i + prior) / cost_i
///     probability_i = floor w_i / W + (1 - floor) rate_i / sum of the rates
///
/// where both counts of an arm are multiplied by `decay` at each of its own proposals before it is counted.
struct AdaptiveOptions {
  double floor = 0.2;    ///< share of the draws that always follows the weights, in [0, 1]
  double decay = 0.999;  ///< in (0, 1): an arm remembers about its last 1 / (1 - decay) proposals
  double prior = 20.0;   ///< proposals that the weights count for, > 0
};

class ArmMixture {
 public:
  /// Weights: finite, not negative, not all zero; at least one arm.
  static ArmMixture fixed(std::span<const ArmWeight> arms);
  static ArmMixture adaptive(std::span<const ArmWeight> arms, const AdaptiveOptions& options = {});

  std::size_t size() const { return probabilities_.size(); }
  /// One per arm, adding up to 1.
  std::span<const double> probabilities() const { return probabilities_; }
  /// Index of the arm to try.
  std::size_t draw(Rng& rng) const { return rng.weighted(probabilities_); }

  /// Counts a proposal of `arm` that is through, and whether the archive accepted it. To be called in slot
  /// order; does nothing to a fixed mixture.
  void update(std::size_t arm, bool accepted);

 private:
  struct Arm {
    double weight = 0.0;  ///< normalized: the weights add up to 1
    double cost = 1.0;
    double proposed = 0.0;
    double accepted = 0.0;
  };

  ArmMixture(std::span<const ArmWeight> arms, bool adapts, const AdaptiveOptions& options);
  double rate(const Arm& arm) const;
  void adapt();

  bool adapts_;
  AdaptiveOptions options_;
  std::vector<Arm> arms_;
  std::vector<double> probabilities_;
};

}  // namespace samara
