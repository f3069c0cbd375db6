// Placement: where a walk starts, and the order in which its muscles are solved. Both simulators start from
// these. What a program's author cannot see must not matter, so moving a walker, naming the ends of a muscle
// the other way around or listing muscles in another order gives the same bits. Pure functions; thread safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "samara/domain/sodarace/terrain.h"
#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

/// World positions of the walker's joints: the middle of its width at x = 0, as low as it goes without
/// touching the terrain by more than a resting contact does. Mirroring the walker mirrors them exactly.
std::vector<Point> place(const Walker& walker, const Terrain& terrain);

/// The walker's muscles with a < b, in ascending order.
std::vector<Muscle> canonical_muscles(const Walker& walker);

/// Why the walker cannot be placed: no joints, or a number that is not finite or absurdly large. One line.
std::optional<std::string> why_not_placeable(const Walker& walker);

}  // namespace samara::sodarace
