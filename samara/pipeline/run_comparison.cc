#include "samara/pipeline/run_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "samara/base/check.h"

namespace samara {
namespace {

/// Two-sided 95% quantiles of Student's t for 1, 2, ... degrees of freedom (any table of the distribution);
/// more have the last one, a little too wide.
constexpr double kT95[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                           2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                           2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045};

/// A figure as a quotient; what is none has the denominator 1. Between iterations both parts grow evenly.
struct Quotient {
  double part = 0.0;
  double whole = 1.0;
};

Quotient figure_of(const Moment& moment, Figure figure) {
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return Quotient{static_cast<double>(part), static_cast<double>(whole)};
  };
  switch (figure) {
    case Figure::kQdScore:
      return {moment.stats.qd_score};
    case Figure::kCoverage:
      return {moment.stats.coverage};
    case Figure::kBest:
      return {moment.stats.obj_max.value_or(0.0)};
    case Figure::kMean:
      return {moment.stats.obj_mean.value_or(0.0)};
    case Figure::kValid:
      return share(moment.valid(), moment.proposals);
    case Figure::kRunnable:
      return share(moment.scored(), moment.executed());
    case Figure::kAccepted:
      return share(moment.count(Outcome::kAccepted), moment.proposals);
  }
  return {};
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
  return {mean, quantile * std::sqrt(squares / (count - 1.0) / count)};
}

double figure_at(std::span<const Moment> moments, Figure figure, double proposals) {
  SAMARA_CHECK(!moments.empty());
  const auto reached = [&](const Moment& moment) {
    return static_cast<double>(moment.proposals) >= proposals;
  };
  const auto after = std::find_if(moments.begin(), moments.end(), reached);
  SAMARA_CHECK(after != moments.end());
  Quotient at = figure_of(*after, figure);
  if (after != moments.begin()) {
    const Moment& before = *std::prev(after);
    const Quotient from = figure_of(before, figure);
    const double left = (static_cast<double>(after->proposals) - proposals) /
                        static_cast<double>(after->proposals - before.proposals);
    at = {at.part - left * (at.part - from.part), at.whole - left * (at.whole - from.whole)};
  }
  return at.whole > 0.0 ? at.part / at.whole : 0.0;
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
