#include "samara/domain/sodarace/internal/lane_group.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>

#include "samara/base/check.h"
#include "samara/domain/sodarace/cosine.h"
#include "samara/domain/sodarace/internal/lane_step.h"
#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {
namespace {

// An active muscle as b2LinearStiffness and b2DistanceJoint make it, between two joints of mass 1.
constexpr double kOmega = 2 * std::numbers::pi * kMuscleFrequency;
constexpr double kSpring = kOmega * kOmega / 2;
constexpr double kDamper = kMuscleDampingRatio * kOmega;
constexpr double kGamma = 1 / (kStepSeconds * (kDamper + kStepSeconds * kSpring));
constexpr double kActiveMass = 1 / (2 + kGamma);
constexpr double kActiveStiffness = kActiveMass * kStepSeconds * kSpring * kGamma;

constexpr float kPassiveMass = 0.5f;

/// Padding ties a joint to the spare joint, which lies where no joint of a valid walk comes.
constexpr float kSpareHeight = kLowestCenter - 1.0f;

/// cos(3 t) and sin(3 t) for every measured step.
struct Cycle {
  std::array<float, kMeasuredSteps> cosine;
  std::array<float, kMeasuredSteps> sine;
};

const Cycle& cycle() {
  static const Cycle cycle = [] {
    Cycle made;
    for (int step = 0; step < kMeasuredSteps; ++step) {
      made.cosine[step] = static_cast<float>(cosine_of_turns(muscle_turns(step)));
      made.sine[step] = static_cast<float>(cosine_of_turns(muscle_turns(step) - 0.25));
    }
    return made;
  }();
  return cycle;
}

template <int kLanes>
void put(LanePairs<kLanes>& pairs, int slot, Point point) {
  pairs.values[2 * slot] = point.x;
  pairs.values[2 * slot + 1] = point.y;
}

template <int kLanes>
Point get(const LanePairs<kLanes>& pairs, int slot) {
  return {pairs.values[2 * slot], pairs.values[2 * slot + 1]};
}

void take_step(LaneState<4>& state) {
  step_baseline(state);
}
void take_step(LaneState<8>& state) {
  step_avx2(state);
}
void take_step(LaneState<16>& state) {
  step_avx512(state);
}

}  // namespace

template <int kLanes>
LaneGroup<kLanes>::LaneGroup(std::span<LaneWalker* const> walkers)
    : walkers_(walkers.begin(), walkers.end()) {
  SAMARA_CHECK(!walkers_.empty() && lanes() <= kLanes);
  lay_out();
  for (int lane = 0; lane < kLanes; ++lane) pad(lane);
  for (int lane = 0; lane < lanes(); ++lane) load(lane);
}

/// Makes room: for as many joints as the largest walker has and, for each rank, as many muscles as any of
/// them owns.
template <int kLanes>
void LaneGroup<kLanes>::lay_out() {
  std::size_t joints = 0;
  for (const LaneWalker* walker : walkers_) joints = std::max(joints, walker->ranks.size());
  std::size_t muscles = 0;
  for (std::size_t rank = 0; rank < joints; ++rank) {
    std::size_t owned = 0;
    std::size_t passive = 0;
    for (const LaneWalker* walker : walkers_) {
      if (rank >= walker->ranks.size()) continue;
      owned = std::max(owned, walker->ranks[rank].muscles.size());
      passive = std::max<std::size_t>(passive, walker->ranks[rank].passive);
    }
    first_muscle_.push_back(static_cast<int>(muscles));
    rods_end_.push_back(static_cast<int>(muscles + passive));
    muscles += owned;
  }
  first_muscle_.push_back(static_cast<int>(muscles));

  place_.resize(joints + 1);
  before_.resize(joints + 1);
  anchor_.resize(joints + 1);
  velocity_.resize(joints + 1);
  contact_.resize(joints);
  touching_.resize(joints);
  muscle_.resize(muscles);
  length_.resize(muscles);
  rod_.resize(muscles);
  state_.joints = static_cast<int>(joints);
  state_.place = place_.data();
  state_.before = before_.data();
  state_.anchor = anchor_.data();
  state_.velocity = velocity_.data();
  state_.contact = contact_.data();
  state_.touching = touching_.data();
  state_.first_muscle = first_muscle_.data();
  state_.rods_end = rods_end_.data();
  state_.muscle = muscle_.data();
  state_.length = length_.data();
  state_.rod = rod_.data();
}

/// Fills a lane with joints at rest and muscles without mass.
template <int kLanes>
void LaneGroup<kLanes>::pad(int lane) {
  const int slot = LanePairs<kLanes>::slot(lane);
  const std::size_t spare = contact_.size();
  for (std::size_t rank = 0; rank <= spare; ++rank) {
    const Point point{0.0f, rank == spare ? kSpareHeight : kRestHeight};
    put(place_[rank], slot, point);
    put(anchor_[rank], slot, point);
  }
  for (std::size_t i = 0; i < muscle_.size(); ++i) {
    muscle_[i].other[slot] = static_cast<std::uint16_t>(2 * kLanes * spare + 2 * slot);
    length_[i].max[lane] = std::numeric_limits<float>::infinity();
  }
}

template <int kLanes>
void LaneGroup<kLanes>::load(int lane) {
  const LaneWalker& walker = *walkers_[lane];
  const int slot = LanePairs<kLanes>::slot(lane);
  for (std::size_t rank = 0; rank < walker.ranks.size(); ++rank) {
    const LaneWalker::RankedJoint& joint = walker.ranks[rank];
    put(place_[rank], slot, joint.place);
    put(anchor_[rank], slot, joint.anchor);
    put(velocity_[rank], slot, joint.velocity);
    contact_[rank].normal_impulse[lane] = joint.normal_impulse;
    contact_[rank].friction_impulse[lane] = joint.friction_impulse;
    for (std::size_t k = 0; k < joint.muscles.size(); ++k) {
      const LaneWalker::OwnedMuscle& muscle = joint.muscles[k];
      const std::size_t i = static_cast<std::size_t>(first_muscle_[rank]) + k;
      muscle_[i].other[slot] = static_cast<std::uint16_t>(2 * kLanes * muscle.other + 2 * slot);
      muscle_[i].mass[lane] = muscle.active ? static_cast<float>(kActiveMass) : kPassiveMass;
      muscle_[i].impulse[lane] = muscle.impulse;
      length_[i].mean[lane] = muscle.mean;
      length_[i].cosine[lane] = muscle.cosine;
      length_[i].sine[lane] = muscle.sine;
      length_[i].stiffness[lane] = muscle.active ? static_cast<float>(kActiveStiffness) : 0.0f;
      length_[i].max[lane] = kMaxStretch * muscle.mean;
      rod_[i].length[lane] = muscle.mean;
      rod_[i].share[lane] = muscle.active ? 0.0f : 0.5f;
    }
  }
}

template <int kLanes>
void LaneGroup<kLanes>::unload(int lane) {
  LaneWalker& walker = *walkers_[lane];
  const int slot = LanePairs<kLanes>::slot(lane);
  for (std::size_t rank = 0; rank < walker.ranks.size(); ++rank) {
    LaneWalker::RankedJoint& joint = walker.ranks[rank];
    joint.place = get(place_[rank], slot);
    joint.anchor = get(anchor_[rank], slot);
    joint.velocity = get(velocity_[rank], slot);
    joint.normal_impulse = contact_[rank].normal_impulse[lane];
    joint.friction_impulse = contact_[rank].friction_impulse[lane];
    for (std::size_t k = 0; k < joint.muscles.size(); ++k) {
      joint.muscles[k].impulse = muscle_[static_cast<std::size_t>(first_muscle_[rank]) + k].impulse[lane];
    }
  }
}

template <int kLanes>
void LaneGroup<kLanes>::step() {
  for (int lane = 0; lane < lanes(); ++lane) {
    const WalkProcedure& procedure = walkers_[lane]->procedure;
    state_.cosine[lane] = procedure.muscle_share() * cycle().cosine[procedure.muscle_step()];
    state_.sine[lane] = procedure.muscle_share() * cycle().sine[procedure.muscle_step()];
  }
  take_step(state_);
}

template <int kLanes>
StepReport LaneGroup<kLanes>::report(int lane) const {
  const LaneReport<kLanes>& report = state_.report;
  return {.moving = report.moving[lane] != 0,
          .wild = report.wild[lane] != 0,
          .sunk = report.sunk[lane] != 0,
          .torn = report.torn[lane] != 0};
}

template class LaneGroup<4>;
template class LaneGroup<8>;
template class LaneGroup<16>;

}  // namespace samara::sodarace
