#include "samara/evolve/run_state.h"

#include "samara/base/check.h"

namespace samara {

std::unordered_set<ProgramId> RunState::possible_parents() const {
  std::unordered_set<ProgramId> parents(seeds_.begin(), seeds_.end());
  const auto add = [&](const Archive& archive) {
    for (const Elite& elite : archive.elites()) parents.insert(elite.program);
  };
  add(archive_);
  for (const Archive& island : islands_.archives()) add(island);
  return parents;
}

std::size_t RunState::max_possible_parents() const {
  std::size_t most = seeds_.size() + archive_.elites().size();
  for (const Archive& island : islands_.archives()) most += island.elites().size();
  return most;
}

Folded RunState::fold(const Record& record, std::uint32_t program_size) {
  Outcome outcome = record.outcome;
  bool breeds = false;
  if (is_scored(outcome)) {
    SAMARA_CHECK(record.program && record.score);
    outcome = archive_.insert(record, program_size).accepted ? Outcome::kAccepted : Outcome::kRejected;
    const bool of_its_island = islands_.insert(record, program_size);
    breeds = outcome == Outcome::kAccepted || of_its_island;
  }
  if (record.program) seen_.insert(*record.program);
  if (record.iteration == 0) {
    if (record.program) seeds_.push_back(*record.program);
    return {outcome, breeds};  // seeds are nobody's proposal
  }

  ++proposals_;
  ++outcomes_[static_cast<std::size_t>(outcome)];
  ++arm_counts_.at(record.arm)[static_cast<std::size_t>(outcome)];
  mixture_.update(record.arm, outcome == Outcome::kAccepted);
  return {outcome, breeds};
}

}  // namespace samara
