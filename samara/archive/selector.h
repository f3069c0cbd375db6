// Selection of parents from the archive: uniform over the occupied niches, whatever their fitness, as in the
// ELM paper, where it is the map that keeps the pressure; or by tournament, which adds some. A function of
// the archive and the stream alone.
#pragma once

#include "samara/archive/archive.h"
#include "samara/base/rng.h"

namespace samara {

/// An elite drawn uniformly from the occupied niches; the archive must not be empty. Valid until the next
/// insert.
inline const Elite& select_uniform(const Archive& archive, Rng& rng) {
  const std::span<const Elite> elites = archive.elites();
  SAMARA_CHECK(!elites.empty());
  return elites[rng.below(static_cast<std::uint32_t>(elites.size()))];
}

/// The fittest of `size` elites drawn by select_uniform(), of equal ones the first drawn. The larger, the
/// greedier: the fittest of n elites is selected with probability 1 - (1 - 1/n)^size.
inline const Elite& select_tournament(const Archive& archive, Rng& rng, std::uint32_t size) {
  const Elite* best = &select_uniform(archive, rng);
  for (std::uint32_t i = 1; i < size; ++i) {
    const Elite& other = select_uniform(archive, rng);
    if (other.score.fitness > best->score.fitness) best = &other;
  }
  return *best;
}

}  // namespace samara
