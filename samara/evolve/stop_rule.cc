#include "samara/evolve/stop_rule.h"

#include <fmt/format.h>

#include <cmath>

namespace samara {

void StopRule::end_iteration(std::uint32_t iteration, const Archive& archive) {
  if (!options_.target_fitness && options_.patience == 0) return;
  const ArchiveStats stats = archive.stats();
  obj_max_ = stats.obj_max;
  if (!obj_max_) return;
  const double value = options_.metric == StopOptions::Metric::kQdScore ? stats.qd_score : *obj_max_;
  if (!best_ || value > *best_ + options_.gain * std::abs(*best_)) {
    best_ = value;
    improved_ = iteration;
  }
  end_.reset();
  if (options_.patience > 0 && iteration - improved_ >= options_.patience) {
    end_ = EvolutionEnd::kNoImprovement;
  }
  if (options_.target_fitness && *obj_max_ >= *options_.target_fitness) {
    end_ = EvolutionEnd::kTargetReached;
  }
}

std::string StopRule::reason() const {
  if (end_ == EvolutionEnd::kTargetReached) {
    return fmt::format("the best fitness {:.6g} has reached the target {:.6g}", *obj_max_,
                       *options_.target_fitness);
  }
  if (end_ == EvolutionEnd::kNoImprovement) {
    return fmt::format("{} has not improved by {:.3g}% since iteration {} ({} iterations)",
                       options_.metric == StopOptions::Metric::kQdScore ? "the QD score" : "the best fitness",
                       100.0 * options_.gain, improved_, options_.patience);
  }
  return "";
}

}  // namespace samara
