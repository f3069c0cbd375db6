// Behavior characterization of walkers: height, width and mass of the initial body. docs/sodarace.md says why
// the ranges are what they are. A pure function of the walker; thread safe.
#pragma once

#include <span>

#include "samara/domain/domain.h"
#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

/// height and width in program units, mass in joints, in this order. The map of the paper has 12 bins on
/// each: 2 units and 4 joints per bin.
std::span<const BehaviorDimension> behavior_dimensions();

/// Coordinates in the order of behavior_dimensions(). The walker has at least one joint.
Behavior behavior_of(const Walker& walker);

}  // namespace samara::sodarace
