#include "samara/bugfix/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace samara::bugfix {
namespace {

constexpr double kNormal = 1.959963984540054;  // 97.5% point of the standard normal distribution
constexpr std::size_t kResamples = 10'000;

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

Interval wilson_interval(std::uint64_t successes, std::uint64_t trials) {
  if (trials == 0) return {};
  SAMARA_CHECK(successes <= trials);
  const auto n = static_cast<double>(trials);
  const double p = share(successes, trials);
  const double z2 = kNormal * kNormal;
  const double center = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half = kNormal / (1.0 + z2 / n) * std::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n));
  // At the ends the formula gives 0 and 1 but for rounding.
  return {successes == 0 ? 0.0 : std::max(0.0, center - half),
          successes == trials ? 1.0 : std::min(1.0, center + half)};
}

Interval bootstrap_interval(std::span<const double> values, Rng rng) {
  SAMARA_CHECK(!values.empty());
  std::vector<double> means(kResamples);
  std::vector<double> sample(values.size());
  for (double& one : means) {
    for (double& value : sample) value = values[rng.below(static_cast<std::uint32_t>(values.size()))];
    one = mean(sample);
  }
  std::sort(means.begin(), means.end());
  return {means[kResamples / 40], means[kResamples - 1 - kResamples / 40]};
}

std::vector<GroupSummary> summarize(std::span<const Task> tasks, std::span<const Cell> cells,
                                    std::uint64_t seed) {
  struct Level {
    GroupSummary summary;
    std::vector<double> valid, runnable, success;
    Tally tally;
  };
  std::vector<Level> levels;
  for (const Cell& cell : cells) {
    if (cell.tally.trials == 0) continue;
    const std::string& group = tasks[cell.task].group;
    auto level = std::find_if(levels.begin(), levels.end(), [&](const Level& one) {
      return one.summary.group == group && one.summary.contender == cell.contender &&
             one.summary.bugs == cell.bugs;
    });
    if (level == levels.end()) {
      levels.emplace_back();
      level = levels.end() - 1;
      level->summary.group = group;
      level->summary.contender = cell.contender;
      level->summary.bugs = cell.bugs;
    }
    level->valid.push_back(share(cell.tally.valid, cell.tally.trials));
    level->runnable.push_back(share(cell.tally.runnable, cell.tally.trials));
    level->success.push_back(share(cell.tally.solved, cell.tally.trials));
    level->summary.solved += cell.tally.solved > 0 ? 1 : 0;
    level->tally += cell.tally;
  }
  std::vector<GroupSummary> summaries;
  for (Level& level : levels) {
    GroupSummary& summary = level.summary;
    summary.tasks = level.success.size();
    summary.valid = mean(level.valid);
    summary.runnable = mean(level.runnable);
    summary.success = mean(level.success);
    // Resampling tasks that all have the same extreme share would leave no doubt at all.
    const bool extreme = level.tally.solved == 0 || level.tally.solved == level.tally.trials;
    summary.interval = summary.tasks == 1 || extreme ? wilson_interval(level.tally.solved, level.tally.trials)
                                                     : bootstrap_interval(level.success, Rng(seed));
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace samara::bugfix
