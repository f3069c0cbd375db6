// LaneState: walkers side by side, one per lane of a vector, as the kernel (lane_kernel.h) steps them. Lane l
// of every array belongs to walker l, whatever the shapes of the others. Plain memory, which lane_group.h
// fills; used by one thread.
#pragma once

#include <cstdint>

namespace samara::sodarace {

/// An (x, y) per lane, in an order that suits the kernel's shuffles: of every four lanes, two lie in the
/// first half of the array and two in the second.
template <int kLanes>
struct alignas(4 * kLanes) LanePairs {
  float values[2 * kLanes];

  /// Which pair is a lane's; its x is at values[2 * slot], its y follows.
  static constexpr int slot(int lane) { return lane / 2 % 2 * (kLanes / 2) + lane / 4 * 2 + lane % 2; }
};

/// One muscle per lane, owned by joints of the same rank. A lane without one is tied to the spare joint by a
/// muscle of no mass, which does nothing.
template <int kLanes>
struct alignas(4 * kLanes) LaneMuscle {
  float ux[kLanes];  ///< direction from the owner to the other joint
  float uy[kLanes];
  float mass[kLanes];           ///< that the muscle moves along its direction; 0 if there is none
  float pull[kLanes];           ///< impulse towards an active muscle's rest length
  float impulse[kLanes];        ///< accumulated, and the first guess of the next step
  std::uint16_t other[kLanes];  ///< by slot: the other joint's pair, counted in floats from joint 0
};

/// The lengths of one muscle per lane. At rest: mean + cosine * cos(3 t) + sine * sin(3 t).
template <int kLanes>
struct alignas(4 * kLanes) LaneLength {
  float mean[kLanes];
  float cosine[kLanes];
  float sine[kLanes];
  float stiffness[kLanes];  ///< impulse per world unit too long; 0 if passive
  float max[kLanes];
};

/// A rigid muscle per lane.
template <int kLanes>
struct alignas(4 * kLanes) LaneRod {
  float length[kLanes];
  float share[kLanes];  ///< of an error that the owner corrects: 1/2, or 0 if the muscle is not rigid
};

/// A joint's contact with the ground, per lane.
template <int kLanes>
struct alignas(4 * kLanes) LaneContact {
  float normal_impulse[kLanes];
  float friction_impulse[kLanes];
};

/// What a step did, per lane: not zero if so. See StepReport.
template <int kLanes>
struct alignas(4 * kLanes) LaneReport {
  std::int32_t moving[kLanes];
  std::int32_t wild[kLanes];
  std::int32_t sunk[kLanes];
  std::int32_t torn[kLanes];
};

template <int kLanes>
struct LaneState {
  // By rank, the order of the joints in lane_plan.h. Rank `joints` is the spare joint.
  int joints = 0;
  LanePairs<kLanes>* place = nullptr;
  LanePairs<kLanes>* before = nullptr;  ///< scratch: places at the start of the step
  LanePairs<kLanes>* anchor = nullptr;  ///< places when the lane's walker last moved
  LanePairs<kLanes>* velocity = nullptr;
  LaneContact<kLanes>* contact = nullptr;
  int* touching = nullptr;  ///< scratch: ranks that touch the ground in any lane

  // The joint of rank r owns the muscles [first_muscle[r], first_muscle[r + 1]); those below rods_end[r] are
  // rigid in some lane.
  const int* first_muscle = nullptr;
  const int* rods_end = nullptr;
  LaneMuscle<kLanes>* muscle = nullptr;
  const LaneLength<kLanes>* length = nullptr;
  const LaneRod<kLanes>* rod = nullptr;

  // cos(3 t) and sin(3 t) for the next step. Every walker has its own time.
  alignas(4 * kLanes) float cosine[kLanes];
  alignas(4 * kLanes) float sine[kLanes];

  LaneReport<kLanes> report;
};

}  // namespace samara::sodarace
