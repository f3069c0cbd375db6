#include "samara/evolve/run_state.h"

#include "samara/base/check.h"

namespace samara {

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
