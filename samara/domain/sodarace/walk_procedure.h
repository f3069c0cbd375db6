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
  bool moving = false;  ///< a joint moved faster than kRestSpeed
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

class WalkProcedure {
 public:
  enum class Phase { kSettling, kMeasuring, kDone, kInvalid };

  Phase phase() const { return phase_; }
  bool over() const { return phase_ == Phase::kDone || phase_ == Phase::kInvalid; }

  /// Steps since the muscles began to move: the next step uses their lengths at this time.
  int muscle_step() const { return phase_ == Phase::kMeasuring ? steps_ : 0; }

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
      phase_ = Phase::kMeasuring;
      steps_ = 0;
    } else if (steps_ == kMaxSettleSteps) {
      return fail(report);
    }
    return phase_;
  }
  /// The result of a walk that is over, from the center of mass when settling ended and at the end.
  WalkResult result(const CenterOfMass& start, const CenterOfMass& end) const;

 private:
  Phase fail(const StepReport& report) {
    failure_ = report.wild   ? "a joint moves faster than joints can"
               : report.sunk ? "a joint falls through the ground"
               : report.torn ? "a muscle is stretched to more than twice its length"
                             : "it does not come to rest in 30 seconds";
    phase_ = Phase::kInvalid;
    return phase_;
  }

  Phase phase_ = Phase::kSettling;
  int steps_ = 0;
  int still_steps_ = 0;
  const char* failure_ = "";
};

}  // namespace samara::sodarace
