// A run's figures after each of its iterations: what reports, curves and comparisons show.
#pragma once

#include <cstdint>
#include <vector>

#include "samara/pipeline/run.h"

namespace samara {

/// Counts are from the beginning of the run on; seeds are not counted.
struct Moment {
  std::uint32_t iteration = 0;
  std::uint64_t proposals = 0;
  ArchiveStats stats;
  OutcomeCounts outcomes{};

  std::uint64_t count(Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::uint64_t valid() const { return count_if(is_valid_proposal); }
  std::uint64_t changed() const { return valid() - count(Outcome::kUnchanged); }
  std::uint64_t executed() const { return count_if(is_evaluated); }
  std::uint64_t scored() const { return count_if(is_scored); }

  // Shares in [0, 1], 0 of nothing: of the proposals; `runnable`, of the executed ones.
  double valid_share() const { return share(valid(), proposals); }
  double changed_share() const { return share(changed(), proposals); }
  double runnable_share() const { return share(scored(), executed()); }
  double accepted_share() const { return share(count(Outcome::kAccepted), proposals); }

 private:
  std::uint64_t count_if(bool (*predicate)(Outcome)) const;
  static double share(std::uint64_t part, std::uint64_t whole);
};

Moment moment_of(const RunState& state, std::uint32_t iteration);

/// One for each iteration, the seeds' first. Errors: those of fold_log().
Result<std::vector<Moment>> run_history(Run& run);

}  // namespace samara
