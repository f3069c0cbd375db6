// LaneWalker: a walk of one walker, as it is between two turns in the lanes. Every muscle is owned by one of
// its two joints, and joints are ranked by what they own, so that in lanes side by side joints of one rank
// own about as many muscles each and little is lost to padding. Order and state depend on the walker alone,
// never on which walkers were in the other lanes. Plain value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "samara/domain/sodarace/simulator.h"
#include "samara/domain/sodarace/terrain.h"
#include "samara/domain/sodarace/walk_procedure.h"
#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

struct LaneWalker {
  struct OwnedMuscle {
    std::uint32_t other = 0;  ///< rank of the joint at its other end
    bool active = false;
    /// Length at rest: mean + cosine * cos(3 t) + sine * sin(3 t). World units.
    float mean = 0.0f;
    float cosine = 0.0f;
    float sine = 0.0f;
    float impulse = 0.0f;
  };
  struct RankedJoint {
    std::uint32_t index = 0;  ///< in the walker
    Point place;              ///< world units
    Point anchor;             ///< its place when the walker last moved
    Point velocity;
    float normal_impulse = 0.0f;
    float friction_impulse = 0.0f;
    std::vector<OwnedMuscle> muscles;  ///< the passive ones first
    std::uint32_t passive = 0;
  };

  std::vector<RankedJoint> ranks;
  std::uint32_t muscles = 0;  ///< of all joints
  WalkProcedure procedure;
  WalkResult* result = nullptr;  ///< where it belongs
};

/// `placed`: where place() puts the walker's joints.
LaneWalker make_lane_walker(const Walker& walker, std::span<const Point> placed);

/// World positions of the joints in the walker's own order.
std::vector<Point> places(const LaneWalker& walker);

}  // namespace samara::sodarace
