#include "samara/evolve/context_book.h"

#include <algorithm>
#include <unordered_set>

#include "samara/archive/selector.h"

namespace samara {
namespace {

/// The program was tried and something was wrong with it, which the next edit may avoid.
bool is_telling_failure(Outcome outcome) {
  return !is_scored(outcome) && outcome != Outcome::kDuplicate && outcome != Outcome::kUnchanged &&
         outcome != Outcome::kNoDiff;
}

}  // namespace

void ContextBook::fold(const Record& record, const RunState& state) {
  if (record.parents.empty() || !is_telling_failure(record.outcome)) return;
  last_failure_[record.parents.front()] =
      fmt::format("{}{}{}", outcome_name(record.outcome), record.message.empty() ? "" : ": ", record.message);
  constexpr std::size_t kSlack = 1024;
  if (last_failure_.size() <= 2 * state.max_possible_parents() + kSlack) return;
  const std::unordered_set<ProgramId> parents = state.possible_parents();
  std::erase_if(last_failure_, [&](const auto& entry) { return !parents.contains(entry.first); });
}

Result<ContextBook::RecordPtr> ContextBook::record_of(const ProgramId& id) {
  if (const auto found = records_.find(id); found != records_.end()) return found->second;
  constexpr std::size_t kMost = 8192, kMostBytes = std::size_t{32} << 20;
  if (records_.size() >= kMost || details_bytes_ >= kMostBytes) {
    records_.clear();
    details_bytes_ = 0;
  }
  SAMARA_TRY(Record record, store_.first_record(id));
  details_bytes_ += record.details.size();
  auto pointer = std::make_shared<const Record>(std::move(record));
  records_.emplace(id, pointer);
  return pointer;
}

Result<Neighbor> ContextBook::neighbor_of(const ProgramId& id) {
  Neighbor neighbor;
  SAMARA_TRY(neighbor.program, sources_.get(id));
  SAMARA_TRY(const RecordPtr record, record_of(id));
  if (record->score) {
    neighbor.fitness = record->score->fitness;
    neighbor.behavior = record->score->behavior;
  }
  // Shares the record's life.
  if (!record->details.empty()) neighbor.details = std::shared_ptr<const Details>(record, &record->details);
  return neighbor;
}

Result<MutationContext> ContextBook::assemble(const Draft& draft, std::uint32_t iteration, std::uint32_t slot,
                                              const Archive& archive) {
  MutationContext context;
  SAMARA_TRY(context.parent, neighbor_of(draft.parent));
  SAMARA_TRY(context.donor, neighbor_of(draft.donor));
  SAMARA_TRY_STATUS(
      add_inspirations(draft, Rng(rng_seed_, iteration, slot, Stream::kContext), archive, context));
  SAMARA_TRY(RecordPtr record, record_of(draft.parent));
  while (context.lineage.size() < options_.lineage && !record->parents.empty()) {
    context.lineage.push_back(record->note);
    SAMARA_TRY(record, record_of(record->parents.front()));
  }
  std::reverse(context.lineage.begin(), context.lineage.end());
  if (const auto found = last_failure_.find(draft.parent); found != last_failure_.end()) {
    context.last_failure = found->second;
  }
  return context;
}

Status ContextBook::add_inspirations(const Draft& draft, Rng rng, const Archive& archive,
                                     MutationContext& context) {
  std::vector<ProgramId> shown = {draft.parent};
  for (std::uint32_t tries = 4 * options_.inspirations; tries > 0; --tries) {
    if (context.inspirations.size() >= options_.inspirations) break;
    const ProgramId id = select_uniform(archive, rng).program;
    if (std::find(shown.begin(), shown.end(), id) != shown.end()) continue;
    shown.push_back(id);
    SAMARA_TRY(Neighbor neighbor, neighbor_of(id));
    context.inspirations.push_back(std::move(neighbor));
  }
  return {};
}

}  // namespace samara
