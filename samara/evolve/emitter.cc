#include "samara/evolve/emitter.h"

#include <algorithm>
#include <tuple>

#include "samara/archive/selector.h"
#include "samara/base/check.h"

namespace samara {
namespace {

/// The fittest; of equal ones the latest, so that hill climbing can walk along a plateau.
const Elite& best_of(const Archive& archive) {
  const std::span<const Elite> elites = archive.elites();
  SAMARA_CHECK(!elites.empty());
  const auto rank = [](const Elite& e) { return std::tuple(e.score.fitness, e.iteration, e.slot); };
  return *std::max_element(elites.begin(), elites.end(),
                           [&](const Elite& a, const Elite& b) { return rank(a) < rank(b); });
}

/// A baseline has no population to cross over with: the donor is the parent.
void draft_baseline(const EmitterOptions& options, const RunState& state, const ProgramId& best, Rng& rng,
                    Draft& draft) {
  const std::vector<ProgramId>& seeds = state.seeds();
  draft.parent = options.baseline == Baseline::kSequential
                     ? best
                     : seeds[rng.below(static_cast<std::uint32_t>(seeds.size()))];
  draft.donor = draft.parent;
}

}  // namespace

std::vector<Draft> emit(const EmitterOptions& options, std::uint32_t iteration, const RunState& state) {
  SAMARA_CHECK(options.children_per_parent > 0);
  const ProgramId best =
      options.baseline == Baseline::kSequential ? best_of(state.archive()).program : ProgramId{};
  std::vector<Draft> drafts(options.batch);
  for (std::uint32_t slot = 0; slot < options.batch; ++slot) {
    Draft& draft = drafts[slot];
    Rng rng(options.rng_seed, iteration, slot, Stream::kSelect);
    if (options.baseline != Baseline::kNone) {
      draft_baseline(options, state, best, rng, draft);
    } else {
      const Archive& archive = state.archive_for(slot);
      const Elite& selected = select_tournament(archive, rng, options.tournament);
      const bool first_child =
          slot % options.children_per_parent == 0 || &state.archive_for(slot - 1) != &archive;
      draft.parent = first_child ? selected.program : drafts[slot - 1].parent;
      draft.donor = select_uniform(archive, rng).program;
    }
    draft.arm = static_cast<std::uint16_t>(state.mixture().draw(rng));
  }
  return drafts;
}

}  // namespace samara
