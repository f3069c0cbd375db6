// Islands: several populations that evolve side by side and now and then send each other elites, so that one
// good lineage does not fill the whole map at once. Read run_state.h after; docs/search.md says how to use
// them and docs/adr/0012 why they stand beside the run's archive instead of replacing it. A fold over the
// log, like everything else of a run: who migrates is a function of the spec, the iteration and the records
// before. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "samara/archive/archive.h"

namespace samara {

struct IslandOptions {
  std::uint32_t count = 1;  ///< 1: no islands, only the run's archive
  std::uint32_t batch = 0;  ///< proposals per iteration, at least `count`; ignored with one island
  std::uint32_t migration_interval = 0;  ///< iterations between migrations; 0: never
  double migration_rate = 0.1;           ///< share of an island's elites that migrate each time, rounded up
  std::uint64_t rng_seed = 0;            ///< of the run: who migrates is drawn
};

class Islands {
 public:
  Islands(const std::shared_ptr<const NicheMap>& map, double qd_offset, const IslandOptions& options);

  std::uint32_t count() const { return options_.count; }
  /// The island that a slot's parents come from and its child goes to: equal shares of consecutive slots.
  std::uint32_t island_of(std::uint32_t slot) const;
  /// The archives by island; none without islands.
  std::span<const Archive> archives() const { return archives_; }

  /// Folds in a scored record: a seed settles on every island, a proposal on its slot's. Returns whether it
  /// became an elite of one.
  bool insert(const Record& record, std::uint32_t program_size);

  /// After the last record of an iteration. When a migration is due, every island sends elites, drawn
  /// uniformly, to the next one (the last to the first), where they compete like newcomers. All leave before
  /// any arrives.
  void end_iteration(std::uint32_t iteration);

 private:
  std::vector<Elite> draw_migrants(std::uint32_t iteration, std::uint32_t island) const;

  IslandOptions options_;
  std::vector<Archive> archives_;
};

}  // namespace samara
