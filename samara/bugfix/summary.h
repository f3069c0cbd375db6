// Statistics of the bug-fixing benchmark: how sure a success share is, and the mean over the tasks of a
// group. Pure functions; the bootstrap draws from the stream that it is given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/bugfix/benchmark.h"

namespace samara::bugfix {

/// Both ends as shares in [0, 1].
struct Interval {
  double low = 0.0;
  double high = 1.0;
};

/// 95% score interval of a share (Wilson, "Probable inference, the law of succession, and statistical
/// inference", 1927): right for shares near 0 and for few trials, too. [0, 1] without trials.
Interval wilson_interval(std::uint64_t successes, std::uint64_t trials);

/// 95% percentile bootstrap interval of the mean of `values` (Efron, "Bootstrap methods: another look at the
/// jackknife", 1979), 10,000 resamples. At least one value.
Interval bootstrap_interval(std::span<const double> values, Rng rng);

/// How an operator does on all tasks of a group that have so many bugs; tasks count equally.
struct GroupSummary {
  std::string group;
  std::size_t contender = 0;
  std::size_t bugs = 1;
  std::size_t tasks = 0;   ///< that have such a level and at least one trial
  std::size_t solved = 0;  ///< of these, those with at least one success
  double valid = 0.0;      ///< mean share of the tasks' trials, as the next two
  double runnable = 0.0;
  double success = 0.0;
  Interval interval;  ///< of `success`: over tasks by bootstrap; by Wilson, of all trials
                      ///< together, for a single task and where no trial or every trial succeeded
};

/// Every (group, number of bugs, operator) that has trials, in the order of the cells.
std::vector<GroupSummary> summarize(std::span<const Task> tasks, std::span<const Cell> cells,
                                    std::uint64_t seed);

}  // namespace samara::bugfix
