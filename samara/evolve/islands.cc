#include "samara/evolve/islands.h"

#include <algorithm>
#include <cmath>

#include "samara/base/check.h"
#include "samara/base/rng.h"

namespace samara {

Islands::Islands(const std::shared_ptr<const NicheMap>& map, double qd_offset, const IslandOptions& options)
    : options_(options) {
  SAMARA_CHECK(options.count > 0);
  SAMARA_CHECK(options.migration_rate > 0.0 && options.migration_rate <= 1.0);
  if (options.count == 1) return;
  SAMARA_CHECK(options.batch >= options.count);
  archives_.assign(options.count, Archive(map, qd_offset));
}

std::uint32_t Islands::island_of(std::uint32_t slot) const {
  if (options_.count == 1) return 0;
  return static_cast<std::uint32_t>(std::uint64_t{slot} * options_.count / options_.batch);
}

bool Islands::insert(const Record& record, std::uint32_t program_size) {
  if (archives_.empty()) return false;
  if (record.iteration > 0) return archives_.at(island_of(record.slot)).insert(record, program_size).accepted;
  bool accepted = false;
  for (Archive& archive : archives_) accepted |= archive.insert(record, program_size).accepted;
  return accepted;
}

std::vector<Elite> Islands::draw_migrants(std::uint32_t iteration, std::uint32_t island) const {
  const std::span<const Elite> elites = archives_[island].elites();
  std::vector<Elite> migrants(elites.begin(), elites.end());
  Rng rng(options_.rng_seed, iteration, island, Stream::kMigrate);
  rng.shuffle(std::span(migrants));
  const double share = std::ceil(options_.migration_rate * static_cast<double>(migrants.size()));
  migrants.resize(std::min(static_cast<std::size_t>(share), migrants.size()));
  return migrants;
}

void Islands::end_iteration(std::uint32_t iteration) {
  if (archives_.empty() || iteration == 0 || options_.migration_interval == 0) return;
  if (iteration % options_.migration_interval != 0) return;
  std::vector<std::vector<Elite>> leaving;
  for (std::uint32_t island = 0; island < count(); ++island) {
    leaving.push_back(draw_migrants(iteration, island));
  }
  for (std::uint32_t island = 0; island < count(); ++island) {
    for (const Elite& elite : leaving[island]) {
      Record arrival;
      arrival.iteration = elite.iteration;
      arrival.slot = elite.slot;
      arrival.program = elite.program;
      arrival.score = elite.score;
      archives_[(island + 1) % count()].insert(arrival, elite.program_size);
    }
  }
}

}  // namespace samara
