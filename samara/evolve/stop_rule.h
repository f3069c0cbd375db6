// StopRule: when a run ends before its iterations do: it has found what was asked for, or it has stopped
// getting better. Read evolution.h after. A fold over the archive after each iteration, so a run stops at the
// same iteration on any number of workers, and a resume under the same rule knows that it has stopped. One
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "samara/archive/archive.h"

namespace samara {

/// Why a run returned without an error.
enum class EvolutionEnd {
  kIterationsDone,
  kTimeUp,
  kStopped,
  kSpent,  ///< an operator was cancelled although nobody asked to stop: it has no budget left
  kTargetReached,
  kNoImprovement,
};

struct StopOptions {
  enum class Metric { kQdScore, kMaxFitness };

  std::optional<double> target_fitness;  ///< stop when the best fitness is at least this
  std::uint32_t patience = 0;            ///< stop after this many iterations without improvement; 0: never
  Metric metric = Metric::kQdScore;      ///< what must improve
  double gain = 0.001;  ///< an improvement is more than this share of the value that was last improved on
};

class StopRule {
 public:
  explicit StopRule(const StopOptions& options) : options_(options) {}

  /// To be called after every iteration, 0 included, in order.
  void end_iteration(std::uint32_t iteration, const Archive& archive);

  /// kTargetReached or kNoImprovement, or nothing while the run should go on.
  std::optional<EvolutionEnd> end() const { return end_; }
  /// One line for people that says why end() is what it is; empty while the run should go on.
  std::string reason() const;

 private:
  StopOptions options_;
  std::optional<EvolutionEnd> end_;
  std::optional<double> best_;     // of the metric, at the last improvement
  std::uint32_t improved_ = 0;     // the iteration of the last improvement
  std::optional<double> obj_max_;  // after the last iteration
};

}  // namespace samara
