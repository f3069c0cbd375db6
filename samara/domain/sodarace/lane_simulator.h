// LaneSimulator: the fast simulator. It does what Box2D does for these walkers, for up to 16 of different
// shape at once, one per lane of the processor's vectors; docs/sodarace-physics.md compares the two. A walker
// gets the same bits whatever the vectors' length and whatever walks beside it. Immutable; safe to use
// concurrently.
#pragma once

#include <vector>

#include "samara/domain/sodarace/simulator.h"

namespace samara::sodarace {

/// How many walkers go side by side, and with which instructions.
enum class LaneWidth : int {
  k4 = 4,    ///< any processor
  k8 = 8,    ///< AVX2
  k16 = 16,  ///< AVX-512 (F, BW, DQ, VL)
};

/// The widths that this processor has, in ascending order.
std::vector<LaneWidth> available_lane_widths();

struct LaneOptions {
  // Speed only.
  LaneWidth width = available_lane_widths().back();  ///< the widest to use; must be available
};

/// Walks on level ground at y = 0 without obstacles; other terrains are for the reference simulator.
class LaneSimulator final : public Simulator {
 public:
  explicit LaneSimulator(LaneOptions options = {});

  std::string name() const override { return "lanes"; }
  std::vector<WalkResult> walk(std::span<const Walker> walkers, const Terrain& terrain) const override;
  WalkResult watch(const Walker& walker, const Terrain& terrain,
                   const std::function<void(const Frame&)>& observe) const override;

 private:
  LaneOptions options_;
};

}  // namespace samara::sodarace
