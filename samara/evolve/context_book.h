// ContextBook: what is known about programs besides their text, for operators that show it to a model:
// scores, metrics and artifacts, the edits that led to a program, why its children failed, and programs of
// other niches. Read mutation/operator.h for MutationContext. A context is a function of the log up to the
// archive that its parent was drawn from, and of the candidate's own stream; what is kept in memory changes
// speed alone. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "samara/archive/archive.h"
#include "samara/evolve/emitter.h"
#include "samara/evolve/source_cache.h"
#include "samara/mutation/operator.h"
#include "samara/store/run_store.h"

namespace samara {

struct ContextOptions {
  std::uint32_t inspirations = 2;  ///< programs of other niches
  std::uint32_t lineage = 3;       ///< latest edits of a parent's lineage
};

class ContextBook {
 public:
  /// `store` and `sources` are borrowed.
  ContextBook(RunStore& store, SourceCache& sources, std::uint64_t rng_seed, const ContextOptions& options)
      : store_(store), sources_(sources), rng_seed_(rng_seed), options_(options) {}

  /// Takes the next record of the log, after `state` has.
  void fold(const Record& record, const RunState& state);

  /// The context of a draft, whose programs must be in the store. Errors: the store's.
  Result<MutationContext> assemble(const Draft& draft, std::uint32_t iteration, std::uint32_t slot,
                                   const Archive& archive);

 private:
  using RecordPtr = std::shared_ptr<const Record>;

  /// The record that first proposed a program.
  Result<RecordPtr> record_of(const ProgramId& id);
  Result<Neighbor> neighbor_of(const ProgramId& id);
  Status add_inspirations(const Draft& draft, Rng rng, const Archive& archive, MutationContext& context);

  RunStore& store_;
  SourceCache& sources_;
  std::uint64_t rng_seed_;
  ContextOptions options_;
  std::unordered_map<ProgramId, RecordPtr> records_;         ///< read lately
  std::size_t details_bytes_ = 0;                            ///< in them
  std::unordered_map<ProgramId, std::string> last_failure_;  ///< by possible parent
};

}  // namespace samara
