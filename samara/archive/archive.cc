#include "samara/archive/archive.h"

#include <algorithm>
#include <cmath>

namespace samara {

Archive::Archive(std::shared_ptr<const NicheMap> map, double qd_offset)
    : map_(std::move(map)), qd_offset_(qd_offset), place_of_(map_->size(), kEmpty) {}

InsertResult Archive::insert(const Record& record, std::uint32_t program_size) {
  SAMARA_CHECK(record.program.has_value() && record.score.has_value());
  SAMARA_CHECK(std::isfinite(record.score->fitness));
  if (auto map = map_->after_seeing(record.score->behavior)) move_to(std::move(map));
  return insert(Elite{.program = *record.program,
                      .program_size = program_size,
                      .score = *record.score,
                      .iteration = record.iteration,
                      .slot = record.slot});
}

/// In the order in which they came, so that it is as if the map had always been this one.
void Archive::move_to(std::shared_ptr<const NicheMap> map) {
  map_ = std::move(map);
  std::vector<Elite> elites = std::exchange(elites_, {});
  std::sort(elites.begin(), elites.end(), [](const Elite& a, const Elite& b) {
    return std::pair(a.iteration, a.slot) < std::pair(b.iteration, b.slot);
  });
  place_of_.assign(map_->size(), kEmpty);
  for (Elite& elite : elites) insert(std::move(elite));
}

InsertResult Archive::insert(Elite&& candidate) {
  const Score& score = candidate.score;
  InsertResult result{.niche = map_->niche_of(score.behavior)};
  std::uint32_t& place = place_of_[result.niche];
  if (place == kEmpty) {
    place = static_cast<std::uint32_t>(elites_.size());
    elites_.emplace_back();
    result.new_niche = true;
  } else {
    const Elite& incumbent = elites_[place];
    const bool better =
        score.fitness > incumbent.score.fitness ||
        (score.fitness == incumbent.score.fitness && candidate.program_size < incumbent.program_size);
    if (!better) return result;
    result.improvement = score.fitness - incumbent.score.fitness;
  }
  result.accepted = true;
  candidate.niche = result.niche;
  elites_[place] = std::move(candidate);
  return result;
}

const Elite* Archive::elite_of(std::uint32_t niche) const {
  SAMARA_CHECK(niche < place_of_.size());
  return place_of_[niche] == kEmpty ? nullptr : &elites_[place_of_[niche]];
}

ArchiveStats Archive::stats() const {
  ArchiveStats stats;
  const double niches = map_->size();
  double fitness_sum = 0.0;
  for (const std::uint32_t place : place_of_) {
    if (place == kEmpty) continue;
    const double fitness = elites_[place].score.fitness;
    stats.qd_score += fitness - qd_offset_;
    fitness_sum += fitness;
    stats.obj_max = std::max(stats.obj_max.value_or(fitness), fitness);
  }
  stats.num_elites = static_cast<std::uint32_t>(elites_.size());
  stats.coverage = stats.num_elites / niches;
  stats.norm_qd_score = stats.qd_score / niches;
  if (stats.num_elites > 0) stats.obj_mean = fitness_sum / stats.num_elites;
  return stats;
}

Sha256Digest Archive::digest() const {
  Sha256 hash;
  hash.add_string(map_->fingerprint());
  for (std::uint32_t niche = 0; niche < place_of_.size(); ++niche) {
    const Elite* elite = elite_of(niche);
    if (elite == nullptr) continue;
    hash.add_u64(niche);
    hash.add({reinterpret_cast<const char*>(elite->program.bytes.data()), elite->program.bytes.size()});
    hash.add_double(elite->score.fitness);
    for (const double x : elite->score.behavior) hash.add_double(x);
  }
  return hash.finish();
}

}  // namespace samara
