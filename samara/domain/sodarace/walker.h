// Walker: the phenotype that a program builds. Point masses ("joints") and the springs between them
// ("muscles"), in program units (one unit is kWorldPerProgramUnit world units of the physics).
// docs/sodarace.md has the rules. A plain value; parse_walker (walker_parser.h) is the only way in from
// outside and enforces the guards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace samara::sodarace {

// The limits of a walker. They bound what one simulation can cost and how hard a muscle can push; the largest
// seed has 24 joints.
inline constexpr std::size_t kMaxJoints = 256;
inline constexpr std::size_t kMaxMuscles = 1024;
inline constexpr std::size_t kMaxMusclesPerJoint = 64;
/// Program units, in x and y. A walker is at most twice as wide: the physics computes in floats, which there
/// still resolve a hundredth of its contact tolerance.
inline constexpr float kMaxCoordinate = 100.0f;
/// Program units. A third of a joint's radius.
inline constexpr float kMinJointDistance = 0.1f;
/// Share of a muscle's rest length.
inline constexpr float kMaxAmplitude = 0.3f;

struct Joint {
  float x = 0.0f;  ///< program units
  float y = 0.0f;  ///< program units, up
  friend bool operator==(const Joint&, const Joint&) = default;
};

/// A spring between joints a and b. Passive ones hold their initial length; active ones change their rest
/// length to L0 * (1 + amplitude * cos(kMuscleAngularSpeed * t + 2 pi phase)), t in seconds after settling.
struct Muscle {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool active = false;
  float amplitude = 0.0f;  ///< share of the rest length, at most kMaxAmplitude in size; 0 when passive
  float phase = 0.0f;      ///< turns, in [0, 1); 0 when passive
  friend bool operator==(const Muscle&, const Muscle&) = default;
};

struct Walker {
  std::vector<Joint> joints;
  std::vector<Muscle> muscles;
  friend bool operator==(const Walker&, const Walker&) = default;
};

}  // namespace samara::sodarace
