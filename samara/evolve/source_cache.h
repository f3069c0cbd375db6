// SourceCache: the texts of the programs that may become parents, so that drawing one does not read the
// store. Holds what was accepted lately and falls back to the store. Which texts are at hand changes speed,
// never results. One thread at a time.
#pragma once

#include <memory>
#include <unordered_map>

#include "samara/archive/archive.h"
#include "samara/store/run_store.h"

namespace samara {

using ProgramPtr = std::shared_ptr<const Program>;

class SourceCache {
 public:
  explicit SourceCache(RunStore& store) : store_(store) {}

  /// Remembers an accepted program; forgets those that left the archive once they outnumber its elites.
  void accepted(ProgramPtr program, const Archive& archive);
  /// The program, from memory or from the store. Errors: the store's.
  Result<ProgramPtr> get(const ProgramId& id);

 private:
  RunStore& store_;
  std::unordered_map<ProgramId, ProgramPtr> programs_;
};

}  // namespace samara
