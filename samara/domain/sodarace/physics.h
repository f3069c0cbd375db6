// The physics of Sodarace as numbers, shared by both simulators: box2d_simulator.h (the reference) and
// lane_simulator.h (the fast one). docs/sodarace-physics.md says where each comes from and what it keeps an
// evolutionary search from exploiting. World units unless a comment says otherwise: lengths are 6.8 times
// those of programs. Constants only.
#pragma once

#include <numbers>

namespace samara::sodarace {

// Scale, time and forces: IESoR, from which the Sodarace of the ELM paper descends.
inline constexpr double kWorldPerProgramUnit = 6.8;
inline constexpr double kStepsPerSecond = 60.0;
inline constexpr float kStepSeconds = 1.0f / 60.0f;
inline constexpr int kVelocityIterations = 10;
inline constexpr int kPositionIterations = 10;
inline constexpr float kGravity = 25.0f;       ///< downward, per second squared
inline constexpr float kLinearDamping = 1.1f;  ///< per second

// Joints: disks that neither turn nor collide with each other. All weigh the same, so their density cancels
// out.
inline constexpr float kJointRadius = 1.95f;
inline constexpr float kJointDensity = 25.0f;
inline constexpr float kJointFriction = 1.0f;
inline constexpr float kGroundFriction = 0.2f;  ///< Box2D's default
inline constexpr float kContactFriction =
    0.44721360f;                             ///< sqrt(kJointFriction * kGroundFriction), Box2D's mixing
inline constexpr float kRestitution = 0.0f;  ///< IESoR has 0.1; nothing bounces here

// Active muscles are springs; passive ones are rigid.
inline constexpr float kMuscleFrequency = 3.0f;  ///< Hz, of the two joints it ties, alone
inline constexpr float kMuscleDampingRatio = 0.3f;
inline constexpr double kMuscleAngularSpeed = 3.0;  ///< radians per second

// Tolerances and limits of Box2D 2.4.1 (b2_common.h, b2_settings.h), which both simulators share.
inline constexpr float kLinearSlop = 0.005f;
inline constexpr float kGroundSkin = 0.01f;  ///< b2_polygonRadius
inline constexpr float kBaumgarte = 0.2f;
inline constexpr float kMaxLinearCorrection = 0.2f;

/// A joint whose center is not higher than this above level ground is in contact with it.
inline constexpr float kContactHeight = kJointRadius + kGroundSkin;
/// Where a joint rests: Box2D lets contacts overlap by the slop.
inline constexpr float kRestHeight = kContactHeight - kLinearSlop;

// The procedure: settle, then measure.
/// A walker rests when for a second no joint has been farther than this from where it was at its beginning.
/// Speed would be the wrong measure: where strong muscles pull at rigid ones, joints tremble on the spot.
inline constexpr float kRestMove = 0.02f;
inline constexpr int kRestSteps = 60;
/// Thirty seconds. Long bodies are overdamped and come down slowly; the radial seed takes half of it.
inline constexpr int kMaxSettleSteps = 1800;
inline constexpr int kMeasuredSteps = 900;
/// Settling begins with every muscle at its initial length and brings them to where they are at t = 0 in one
/// second: all at once, the jolt alone made a quarter of the first mutants of the square faster than
/// kMaxSpeed.
inline constexpr int kMuscleRampSteps = 60;

// What stands: the center of mass is between two feet and this far from each.
/// A joint whose center is not higher than this above the ground is a foot.
inline constexpr float kFootHeight = 1.2f * kJointRadius;
inline constexpr float kStanceMargin = 0.05f;

// What makes a walk invalid.
/// Box2D's b2_maxTranslation per step: faster joints would be slowed down by it, silently.
inline constexpr float kMaxSpeed = 120.0f;
/// A joint whose center is under the ground's surface has fallen through.
inline constexpr float kLowestCenter = 0.0f;
/// Times its initial length, a muscle is torn. The formula asks for 1.3 at most.
inline constexpr float kMaxStretch = 2.0f;

/// The square of how far kMaxSpeed gets in one step.
inline constexpr float kMaxSquaredMove = kMaxSpeed * kStepSeconds * kMaxSpeed * kStepSeconds;

/// How far the muscles' cycle has come, in turns, before the given step.
constexpr double muscle_turns(int step) {
  return step / kStepsPerSecond * kMuscleAngularSpeed / (2 * std::numbers::pi);
}

}  // namespace samara::sodarace
