// WalkProcedure: the rules of a walk, apart from the physics. First the walker settles, its muscles held as
// they are at t = 0; then 15 seconds are measured; a joint that moves impossibly ends it. Both simulators
// feed it one report per step and do what it says. A small value; not shared between threads.
#pragma once

#include <span>

#include "samara/domain/sodarace/physics.h"
#include "samara/domain/sodarace/simulator.h"

namespace samara::sodarace {

/// What a step did, over all joints and muscles.
struct StepReport {
  bool moving = false;  ///< a joint is farther than kRestMove from its place when last this was so
  bool wild = false;    ///< a joint moved faster than kMaxSpeed, or its place is not a number
  bool sunk = false;    ///< a joint's center is below kLowestCenter
  bool torn = false;    ///< a muscle is longer than kMaxStretch allows
};

/// World units.
struct CenterOfMass {
  double x = 0.0;
  double y = 0.0;
  double left = 0.0;  ///< x of the joint furthest left
  double right = 0.0;
};

/// Of joints at world positions; all weigh the same.
CenterOfMass center_of_mass(std::span<const Point> places);

/// Whether the center of mass is above ground between two joints near it, so that the body, at rest, would
/// not tip over by and by. A single joint stands. World positions.
bool stands(std::span<const Point> places, const Terrain& terrain);

class WalkProcedure {
 public:
  /// In kAtRest the procedure waits for begin().
  enum class Phase { kSettling, kAtRest, kMeasuring, kDone, kInvalid };

  Phase phase() const { return phase_; }
  bool over() const { return phase_ == Phase::kDone || phase_ == Phase::kInvalid; }

  /// Steps since the muscles began to move: the next step uses their lengths at this time.
  int muscle_step() const { return phase_ == Phase::kMeasuring ? steps_ : 0; }

  /// Share of their amplitude that muscles have in the next step; below 1 in the first second of settling.
  float muscle_share() const {
    const bool full = phase_ == Phase::kMeasuring || steps_ >= kMuscleRampSteps;
    return full ? 1.0f : static_cast<float>(steps_) / kMuscleRampSteps;
  }

  /// Steps taken in the present phase.
  int steps() const { return steps_; }

  /// Takes note of a step and returns the phase after it.
  Phase advance(const StepReport& report) {
    ++steps_;
    if (report.wild || report.sunk || report.torn) return fail(report);
    if (phase_ == Phase::kMeasuring) {
      if (steps_ == kMeasuredSteps) phase_ = Phase::kDone;
      return phase_;
    }
    still_steps_ = report.moving ? 0 : still_steps_ + 1;
    if (still_steps_ == kRestSteps) {
      phase_ = Phase::kAtRest;
    } else if (steps_ >= kMaxSettleSteps) {
      return fail(report);
    }
    return phase_;
  }

  /// In phase kAtRest, with the places of the joints: measuring begins if the walker stands. What balances
  /// has to settle on, until it has fallen.
  void begin(std::span<const Point> places, const Terrain& terrain);

  /// The result of a walk that is over, whose joints are at `places` now.
  WalkResult result(std::span<const Point> places) const;

 private:
  Phase fail(const StepReport& report) {
    failure_ = report.wild   ? "a joint moves faster than joints can"
               : report.sunk ? "a joint falls through the ground"
               : report.torn ? "a muscle is stretched to more than twice its length"
                             : "it neither comes to rest nor falls in 30 seconds";
    phase_ = Phase::kInvalid;
    return phase_;
  }

  Phase phase_ = Phase::kSettling;
  int steps_ = 0;
  int still_steps_ = 0;
  CenterOfMass start_;  ///< when measuring began
  const char* failure_ = "";
};

}  // namespace samara::sodarace
