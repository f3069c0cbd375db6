// Box2dSimulator: the reference simulator, on Box2D 2.4.1. Read physics.h for the numbers and
// docs/sodarace-physics.md for the reasons; lane_simulator.h is the fast one. Every walk has a world of its
// own, so what was simulated before leaves no trace: same walker, same bits. Stateless; safe to use
// concurrently.
#pragma once

#include "samara/domain/sodarace/simulator.h"

namespace samara::sodarace {

/// Walks on any terrain.
class Box2dSimulator final : public Simulator {
 public:
  std::string name() const override { return "box2d"; }
  std::vector<WalkResult> walk(std::span<const Walker> walkers, const Terrain& terrain) const override;
  WalkResult watch(const Walker& walker, const Terrain& terrain,
                   const std::function<void(const Frame&)>& observe) const override;
};

}  // namespace samara::sodarace
