#include "samara/evolve/source_cache.h"

#include <unordered_set>

namespace samara {

void SourceCache::remember(ProgramPtr program, const RunState& state) {
  const ProgramId id = program->id();
  programs_.insert_or_assign(id, std::move(program));
  constexpr std::size_t kSlack = 256;
  if (programs_.size() <= 2 * state.max_possible_parents() + kSlack) return;
  const std::unordered_set<ProgramId> parents = state.possible_parents();
  std::erase_if(programs_, [&](const auto& entry) { return !parents.contains(entry.first); });
}

Result<ProgramPtr> SourceCache::get(const ProgramId& id) {
  if (const auto found = programs_.find(id); found != programs_.end()) return found->second;
  SAMARA_TRY(std::string source, store_.program_source(id));
  auto program = std::make_shared<const Program>(std::move(source));
  programs_.emplace(id, program);
  return ProgramPtr(program);
}

}  // namespace samara
