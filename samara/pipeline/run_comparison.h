// Comparison: what runs of one kind, which differ in their random seeds, come to on average, at numbers of
// proposals that all of them reached. Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "samara/pipeline/run_history.h"

namespace samara {

/// A mean over runs with its 95% interval by Student's t; one run alone has none.
struct Estimate {
  double mean = 0.0;
  double half_width = std::numeric_limits<double>::infinity();
  bool has_interval() const { return half_width < std::numeric_limits<double>::infinity(); }
  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
};

/// @param values at least one
Estimate estimate(std::span<const double> values);

/// What is compared; shares are of all proposals so far (`runnable`: of the executed ones), in [0, 1].
enum class Figure { kQdScore, kCoverage, kBest, kMean, kValid, kRunnable, kAccepted };

/// A run's figure after that many proposals; between two iterations as if its counts, QD score and so on grew
/// evenly.
/// @param moments   of run_history(), with at least one
/// @param proposals at most those of the last moment
double figure_at(std::span<const Moment> moments, Figure figure, double proposals);

/// Runs of one kind.
struct RunGroup {
  std::string name;
  std::vector<std::vector<Moment>> runs;  ///< histories, at least one, with at least one moment each

  /// Proposals that every run of the group reached.
  std::uint64_t reach() const;
  Estimate at(Figure figure, double proposals) const;
};

}  // namespace samara
