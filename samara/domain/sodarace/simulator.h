// Simulator: walks walkers. Two implementations share this interface: box2d_simulator.h is the reference, and
// lane_simulator.h the fast one that walks many walkers of different shape at once. docs/sodarace-physics.md
// has the physics. Deterministic: the same walker gives the same bits in any batch, order or thread and
// whatever was simulated before. const means safe to call concurrently.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "samara/domain/sodarace/terrain.h"
#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

/// How a walk went: what the center of mass did over the measured 15 seconds. Program units.
struct Walk {
  double displacement = 0.0;  ///< along x; signed
  /// How far all of the body came: the least of the displacements of the center of mass and of both ends of
  /// its width, in the direction of the former; signed, and 0 if one of them went the other way. What falls
  /// over, reaches out or pulls itself together moves its center of mass, but not all of itself.
  double progress = 0.0;
  /// How far it came down; negative if it rose. A body that topples gains about as much displacement as it
  /// loses height, so displacement beyond the descent is what walking added.
  double descent = 0.0;
  friend bool operator==(const Walk&, const Walk&) = default;
};

/// The walk was no walk: NaN, an explosion, a fall through the ground, no rest while settling. One line.
struct InvalidWalk {
  std::string reason;
  friend bool operator==(const InvalidWalk&, const InvalidWalk&) = default;
};

using WalkResult = std::variant<Walk, InvalidWalk>;

/// One moment of a walk, for pictures and tests: joint positions in program units, ground at y = 0.
struct Frame {
  double seconds = 0.0;  ///< since measuring started; negative while settling
  std::vector<Point> joints;
};

class Simulator {
 public:
  virtual ~Simulator() = default;
  virtual std::string name() const = 0;
  /// One result per walker, in order.
  virtual std::vector<WalkResult> walk(std::span<const Walker> walkers, const Terrain& terrain) const = 0;
  /// Walks one walker and shows every step to `observe`; the result equals walk()'s for the same walker.
  virtual WalkResult watch(const Walker& walker, const Terrain& terrain,
                           const std::function<void(const Frame&)>& observe) const = 0;
};

}  // namespace samara::sodarace
