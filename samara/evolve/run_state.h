// RunState: what a run has become, as a pure fold over its evaluation log: the archive, the operator's
// weights, the programs seen, the islands and the counts. The evolution loop, resume, verify, stats and the
// pictures all build it with the same fold(), so they cannot disagree. Folding the same records in the same
// order gives the same state, bit for bit. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "samara/archive/archive.h"
#include "samara/evolve/islands.h"
#include "samara/mutation/mixture.h"
#include "samara/program/evaluation.h"

namespace samara {

/// Proposals by outcome.
using OutcomeCounts = std::array<std::uint64_t, kOutcomeCount>;

/// What became of a record.
struct Folded {
  Outcome outcome = Outcome::kNoDiff;
  bool breeds = false;  ///< parents can be drawn from it: an elite of the run or, with islands, of its island
};

class RunState {
 public:
  /// @param mixture    as before the first record
  /// @param qd_offset  see Archive
  RunState(std::shared_ptr<const NicheMap> niche_map, ArmMixture mixture, double qd_offset = 0.0,
           const IslandOptions& islands = {})
      : archive_(niche_map, qd_offset),
        islands_(niche_map, qd_offset, islands),
        mixture_(std::move(mixture)),
        arm_counts_(mixture_.size()) {}

  /// Takes the next record of the log (in iteration and slot order) and returns its outcome: a scored record
  /// is accepted or rejected here, by the run's archive; every other outcome is the record's own.
  /// @param program_size bytes of the program's text; only read for scored records
  Folded fold(const Record& record, std::uint32_t program_size);
  /// After the last record of each iteration: elites migrate when that is due.
  void end_iteration(std::uint32_t iteration) { islands_.end_iteration(iteration); }

  /// The best of the whole run, whatever the island: what statistics, pictures and outcomes speak of.
  const Archive& archive() const { return archive_; }
  const Islands& islands() const { return islands_; }
  /// Where the parents of a slot are drawn from.
  const Archive& archive_for(std::uint32_t slot) const {
    return islands_.archives().empty() ? archive_ : islands_.archives()[islands_.island_of(slot)];
  }
  /// The programs of iteration 0.
  const std::vector<ProgramId>& seeds() const { return seeds_; }
  /// The programs that can become parents: the elites of the run and of its islands, and the seeds, from
  /// which a baseline draws.
  std::unordered_set<ProgramId> possible_parents() const;
  /// At least as many as there are possible parents, without looking.
  std::size_t max_possible_parents() const;
  const ArmMixture& mixture() const { return mixture_; }
  bool seen(const ProgramId& id) const { return seen_.contains(id); }
  std::size_t programs_seen() const { return seen_.size(); }

  /// Proposals folded so far, seeds not counted.
  std::uint64_t proposals() const { return proposals_; }
  const OutcomeCounts& outcomes() const { return outcomes_; }
  /// By arm, in the order of the run's arms.
  const std::vector<OutcomeCounts>& arm_outcomes() const { return arm_counts_; }

 private:
  Archive archive_;
  Islands islands_;
  std::vector<ProgramId> seeds_;
  ArmMixture mixture_;
  std::unordered_set<ProgramId> seen_;
  std::uint64_t proposals_ = 0;
  OutcomeCounts outcomes_{};
  std::vector<OutcomeCounts> arm_counts_;
};

}  // namespace samara
