#include "samara/evolve/emitter.h"

#include "samara/archive/selector.h"
#include "samara/base/check.h"

namespace samara {

std::vector<Draft> emit(const EmitterOptions& options, std::uint32_t iteration, const RunState& state) {
  SAMARA_CHECK(options.children_per_parent > 0);
  std::vector<Draft> drafts(options.batch);
  for (std::uint32_t slot = 0; slot < options.batch; ++slot) {
    Draft& draft = drafts[slot];
    Rng rng(options.rng_seed, iteration, slot, Stream::kSelect);
    const Elite& selected = select_uniform(state.archive(), rng);
    const bool first_child = slot % options.children_per_parent == 0;
    draft.parent = first_child ? selected.program : drafts[slot - 1].parent;
    draft.donor = select_uniform(state.archive(), rng).program;
    draft.arm = static_cast<std::uint16_t>(state.mixture().draw(rng));
  }
  return drafts;
}

}  // namespace samara
