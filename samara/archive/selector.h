// Selection of parents from the archive. Uniform over the occupied niches, whatever their fitness, as in the
// ELM paper: it is the map that keeps the pressure. A function of the archive and the stream alone.
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

}  // namespace samara
