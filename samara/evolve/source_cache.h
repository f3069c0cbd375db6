// SourceCache: the texts of the programs that may become parents, so that drawing one does not read the
// store. Holds what became an elite lately, of the run or of an island, and falls back to the store. Which
// texts are at hand changes speed, never results. One thread at a time.
#pragma once

#include <memory>
#include <unordered_map>

#include "samara/evolve/run_state.h"
#include "samara/store/run_store.h"

namespace samara {

using ProgramPtr = std::shared_ptr<const Program>;

class SourceCache {
 public:
  explicit SourceCache(RunStore& store) : store_(store) {}

  /// Remembers a program that may become a parent; forgets those that no longer can once they outnumber
  /// those that can.
  void remember(ProgramPtr program, const RunState& state);
  /// The program, from memory or from the store. Errors: the store's.
  Result<ProgramPtr> get(const ProgramId& id);

 private:
  RunStore& store_;
  std::unordered_map<ProgramId, ProgramPtr> programs_;
};

}  // namespace samara
