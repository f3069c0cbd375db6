#include "samara/pipeline/run_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "samara/base/check.h"

namespace samara {
namespace {

/// Two-sided 95% quantiles of Student's t for 1, 2, ... degrees of freedom (any table of the distribution).
constexpr double kT95[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                           2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                           2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045};

double figure_of(const Moment& moment, Figure figure) {
  switch (figure) {
    case Figure::kQdScore:
      return moment.stats.qd_score;
    case Figure::kCoverage:
      return moment.stats.coverage;
    case Figure::kBest:
      return moment.stats.obj_max.value_or(0.0);
    case Figure::kMean:
      return moment.stats.obj_mean.value_or(0.0);
    case Figure::kValid:
      return moment.valid_share();
    case Figure::kRunnable:
      return moment.runnable_share();
    case Figure::kAccepted:
      return moment.accepted_share();
  }
  return 0.0;
}

}  // namespace

Estimate estimate(std::span<const double> values) {
  SAMARA_CHECK(!values.empty());
  const auto count = static_cast<double>(values.size());
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / count;
  if (values.size() == 1) return {.mean = mean};
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double quantile = kT95[std::min(values.size() - 2, std::size(kT95) - 1)];
  const double half_width = quantile * std::sqrt(squares / (count - 1.0) / count);
  return {mean, mean - half_width, mean + half_width};
}

double figure_at(std::span<const Moment> moments, Figure figure, double proposals) {
  SAMARA_CHECK(!moments.empty());
  const auto reached = [&](const Moment& moment) {
    return static_cast<double>(moment.proposals) >= proposals;
  };
  const auto after = std::find_if(moments.begin(), moments.end(), reached);
  SAMARA_CHECK(after != moments.end());
  const double high = figure_of(*after, figure);
  if (after == moments.begin()) return high;
  const Moment& before = *std::prev(after);
  const double low = figure_of(before, figure);
  const double part = (proposals - static_cast<double>(before.proposals)) /
                      static_cast<double>(after->proposals - before.proposals);
  return low + part * (high - low);
}

std::uint64_t RunGroup::reach() const {
  std::uint64_t reach = std::numeric_limits<std::uint64_t>::max();
  for (const std::vector<Moment>& run : runs) reach = std::min(reach, run.back().proposals);
  return reach;
}

Estimate RunGroup::at(Figure figure, double proposals) const {
  std::vector<double> values;
  for (const std::vector<Moment>& run : runs) values.push_back(figure_at(run, figure, proposals));
  return estimate(values);
}

}  // namespace samara
