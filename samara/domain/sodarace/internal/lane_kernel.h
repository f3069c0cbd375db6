// The lane kernel: one step of Box2D's solver (sequential impulses, 10 velocity and 10 position iterations)
// for point masses on level ground, for all lanes at once. Written once over the compiler's vector types and
// built for each instruction set by lane_kernel_*.cc. Every operation is an IEEE one and no lane looks at
// another, so a walker gets the same bits in any lane of any width. All of it has internal linkage and calls
// nothing of the standard library: the linker would share such functions with code for lesser processors.
#pragma once

#include <cstdint>
#include <utility>

#include "samara/domain/sodarace/internal/lane_state.h"
#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {
namespace {

/// Target::kLanes, and vectors as long as that many floats: Target::Floats, Ints (32 bits), Words (64 bits).
template <typename Target>
class LaneKernel {
 public:
  static constexpr int kLanes = Target::kLanes;
  using State = LaneState<kLanes>;

  explicit LaneKernel(State& state) : s_(state) {}

  void step() {
    s_.report = {};
    integrate_velocities();
    start_contacts();
    start_muscles();
    for (int i = 0; i < kVelocityIterations; ++i) {
      solve_muscle_velocities();
      solve_contact_velocities();
    }
    integrate_places();
    solve_places();
    report_movement();
  }

 private:
  using Floats = typename Target::Floats;
  using Ints = typename Target::Ints;
  using Words = typename Target::Words;
  using Pairs = LanePairs<kLanes>;
  using Muscle = LaneMuscle<kLanes>;

  /// An x and a y per lane.
  struct Vectors {
    Floats x;
    Floats y;
    Vectors operator+(Vectors v) const { return {x + v.x, y + v.y}; }
    Vectors operator-(Vectors v) const { return {x - v.x, y - v.y}; }
    Vectors operator*(Floats f) const { return {x * f, y * f}; }
    Floats dot(Vectors v) const { return x * v.x + y * v.y; }
  };

  // ---- The physics. All joints have the mass 1.

  void integrate_velocities() {
    const Floats damping = all(1.0f / (1.0f + kStepSeconds * kLinearDamping));
    for (int rank = 0; rank < s_.joints; ++rank) {
      Vectors v = load(s_.velocity[rank]);
      v.y -= kStepSeconds * kGravity;
      store(s_.velocity[rank], v * damping);
    }
  }

  /// Finds the joints that touch the ground and starts from the impulses of the last step.
  void start_contacts() {
    touching_ = 0;
    for (int rank = 0; rank < s_.joints; ++rank) {
      const Ints touches = load(s_.place[rank]).y <= kContactHeight;
      Floats& normal = at(s_.contact[rank].normal_impulse);
      Floats& friction = at(s_.contact[rank].friction_impulse);
      normal = keep_if(touches, normal);
      friction = keep_if(touches, friction);
      if (!any(touches)) continue;
      s_.touching[touching_++] = rank;
      store(s_.velocity[rank], load(s_.velocity[rank]) + Vectors{friction, normal});
    }
  }

  /// Finds the muscles' directions and rest lengths and starts from the impulses of the last step.
  void start_muscles() {
    const Floats cosine = at(s_.cosine);
    const Floats sine = at(s_.sine);
    Ints torn{};
    for (int rank = 0; rank < s_.joints; ++rank) {
      const Vectors place = load(s_.place[rank]);
      Vectors velocity = load(s_.velocity[rank]);
      for (int i = s_.first_muscle[rank]; i < s_.first_muscle[rank + 1]; ++i) {
        Muscle& muscle = s_.muscle[i];
        const LaneLength<kLanes>& length = s_.length[i];
        const Vectors d = load(s_.place, muscle) - place;
        const Floats now = root(d.dot(d));
        const Ints apart = now > kLinearSlop;
        const Vectors u = d * keep_if(apart, 1.0f / now);
        const Floats rest = at(length.mean) + (at(length.cosine) * cosine + at(length.sine) * sine);
        const Floats impulse = keep_if(apart, at(muscle.impulse));
        at(muscle.ux) = u.x;
        at(muscle.uy) = u.y;
        at(muscle.pull) = (now - rest) * at(length.stiffness);
        at(muscle.impulse) = impulse;
        torn |= now > at(length.max);
        const Vectors push = u * impulse;
        velocity = velocity - push;
        store(s_.velocity, muscle, load(s_.velocity, muscle) + push);
      }
      store(s_.velocity[rank], velocity);
    }
    at(s_.report.torn) = torn;
  }

  void solve_muscle_velocities() {
    for (int rank = 0; rank < s_.joints; ++rank) {
      Vectors velocity = load(s_.velocity[rank]);
      for (int i = s_.first_muscle[rank]; i < s_.first_muscle[rank + 1]; ++i) {
        Muscle& muscle = s_.muscle[i];
        const Vectors other = load(s_.velocity, muscle);
        const Vectors u{at(muscle.ux), at(muscle.uy)};
        const Floats mass = at(muscle.mass);
        const Floats impulse = at(muscle.impulse);
        // A soft muscle gives way to the impulse it has: by 1 - 2 * mass, which is 0 for a rigid one.
        const Floats bias = at(muscle.pull) + (1.0f - 2.0f * mass) * impulse;
        const Floats change = -((u * mass).dot(other - velocity) + bias);
        at(muscle.impulse) = impulse + change;
        const Vectors push = u * change;
        velocity = velocity - push;
        store(s_.velocity, muscle, other + push);
      }
      store(s_.velocity[rank], velocity);
    }
  }

  void solve_contact_velocities() {
    for (int i = 0; i < touching_; ++i) {
      const int rank = s_.touching[i];
      const Ints touches = load(s_.place[rank]).y <= kContactHeight;
      Vectors v = load(s_.velocity[rank]);
      Floats& normal = at(s_.contact[rank].normal_impulse);
      Floats& friction = at(s_.contact[rank].friction_impulse);
      const Floats limit = kContactFriction * normal;
      const Floats new_friction = larger(-limit, smaller(limit, friction - keep_if(touches, v.x)));
      v.x += new_friction - friction;
      friction = new_friction;
      const Floats new_normal = larger(all(0.0f), normal - keep_if(touches, v.y));
      v.y += new_normal - normal;
      normal = new_normal;
      store(s_.velocity[rank], v);
    }
  }

  void integrate_places() {
    for (int rank = 0; rank < s_.joints; ++rank) {
      s_.before[rank] = s_.place[rank];
      store(s_.place[rank], load(s_.place[rank]) + load(s_.velocity[rank]) * all(kStepSeconds));
    }
  }

  /// Pushes overlaps and errors of rigid muscles out of the places. A lane that is within the tolerances is
  /// left alone from then on, as if it were by itself.
  void solve_places() {
    Ints open = all(0.0f) == 0.0f;
    for (int i = 0; i < kPositionIterations && any(open); ++i) {
      Ints off = solve_contact_places(open);
      off |= solve_rod_places(open);
      open &= off;
    }
  }

  /// Returns which lanes were out of tolerance. As in Box2D, what touches is what did so when the step began;
  /// that another lane's joint of the same rank touches must not matter.
  Ints solve_contact_places(Ints open) {
    Ints off{};
    for (int i = 0; i < touching_; ++i) {
      const Ints touches = load(s_.before[s_.touching[i]]).y <= kContactHeight;
      Pairs& pairs = s_.place[s_.touching[i]];
      Vectors place = load(pairs);
      const Floats gap = place.y - kContactHeight;
      off |= touches & (gap < -3 * kLinearSlop);
      const Floats lift =
          smaller(all(kMaxLinearCorrection), larger(all(0.0f), -kBaumgarte * (gap + kLinearSlop)));
      place.y += keep_if(open & touches, lift);
      store(pairs, place);
    }
    return off;
  }

  /// Returns which lanes were out of tolerance.
  Ints solve_rod_places(Ints open) {
    Ints off{};
    for (int rank = 0; rank < s_.joints; ++rank) {
      Vectors place = load(s_.place[rank]);
      for (int i = s_.first_muscle[rank]; i < s_.rods_end[rank]; ++i) {
        const Muscle& muscle = s_.muscle[i];
        const LaneRod<kLanes>& rod = s_.rod[i];
        const Vectors other = load(s_.place, muscle);
        const Vectors d = other - place;
        const Floats now = root(d.dot(d));
        const Floats error = at(rod.share) * (now - at(rod.length));
        off |= (error > kLinearSlop / 2) | (error < -kLinearSlop / 2);
        const Vectors correction = d * keep_if(open, error / larger(now, all(kLinearSlop)));
        place = place + correction;
        store(s_.place, muscle, other - correction);
      }
      store(s_.place[rank], place);
    }
    return off;
  }

  void report_movement() {
    Ints moving{};
    Ints wild{};
    Ints sunk{};
    for (int rank = 0; rank < s_.joints; ++rank) {
      const Vectors place = load(s_.place[rank]);
      const Vectors d = place - load(s_.before[rank]);
      const Floats squared = d.dot(d);
      const Vectors strayed = place - load(s_.anchor[rank]);
      moving |= ~(strayed.dot(strayed) <= kRestMove * kRestMove);
      wild |= ~(squared <= kMaxSquaredMove);  // so is what is not a number
      sunk |= place.y < kLowestCenter;
    }
    if (any(moving)) {
      for (int rank = 0; rank < s_.joints; ++rank) {
        const Vectors place = load(s_.place[rank]);
        const Vectors anchor = load(s_.anchor[rank]);
        store(s_.anchor[rank], {moving ? place.x : anchor.x, moving ? place.y : anchor.y});
      }
    }
    at(s_.report.moving) = moving;
    at(s_.report.wild) = wild;
    at(s_.report.sunk) = sunk;
  }

  // ---- Vectors and memory. The compiler turns each of these into a handful of instructions.

  using Word [[gnu::may_alias]] = double;  ///< moves an (x, y) at once
  using EachLane = std::make_integer_sequence<int, kLanes>;
  using EachHalf = std::make_integer_sequence<int, kLanes / 2>;

  static Floats all(float value) { return Floats{} + value; }
  static Floats& at(float (&lanes)[kLanes]) { return reinterpret_cast<Floats&>(lanes); }
  static const Floats& at(const float (&lanes)[kLanes]) { return reinterpret_cast<const Floats&>(lanes); }
  static Ints& at(std::int32_t (&lanes)[kLanes]) { return reinterpret_cast<Ints&>(lanes); }
  static Floats larger(Floats a, Floats b) { return a > b ? a : b; }
  static Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
  static Floats keep_if(Ints mask, Floats value) {
    return reinterpret_cast<Floats>(mask & reinterpret_cast<Ints>(value));
  }

  static Floats root(Floats value) {
    Floats result;
    for (int lane = 0; lane < kLanes; ++lane) result[lane] = __builtin_sqrtf(value[lane]);
    return result;
  }

  static bool any(Ints mask) {
    std::int32_t found = 0;
    for (int lane = 0; lane < kLanes; ++lane) found |= mask[lane];
    return found != 0;
  }

  /// The joint of the same rank in every lane.
  static Vectors load(const Pairs& pairs) {
    const auto* halves = reinterpret_cast<const Floats*>(pairs.values);
    return separate(halves[0], halves[1], EachLane());
  }
  static void store(Pairs& pairs, Vectors v) {
    auto* halves = reinterpret_cast<Floats*>(pairs.values);
    halves[0] = interleave<0>(v, EachLane());
    halves[1] = interleave<2>(v, EachLane());
  }

  /// Each lane's other joint of the muscle.
  static Vectors load(const Pairs* joints, const Muscle& muscle) {
    const float* floats = joints->values;
    return separate(reinterpret_cast<Floats>(gather(floats, muscle.other, EachHalf())),
                    reinterpret_cast<Floats>(gather(floats, muscle.other + kLanes / 2, EachHalf())),
                    EachLane());
  }
  static void store(Pairs* joints, const Muscle& muscle, Vectors v) {
    float* floats = joints->values;
    scatter(floats, muscle.other, reinterpret_cast<Words>(interleave<0>(v, EachLane())), EachHalf());
    scatter(floats, muscle.other + kLanes / 2, reinterpret_cast<Words>(interleave<2>(v, EachLane())),
            EachHalf());
  }

  template <int... i>
  static Words gather(const float* floats, const std::uint16_t* where, std::integer_sequence<int, i...>) {
    return Words{*reinterpret_cast<const Word*>(floats + where[i])...};
  }
  template <int... i>
  static void scatter(float* floats, const std::uint16_t* where, Words words,
                      std::integer_sequence<int, i...>) {
    ((*reinterpret_cast<Word*>(floats + where[i]) = words[i]), ...);
  }

  /// From the pairs of the first and second two of every four lanes (LanePairs) to vectors in lane order.
  template <int... i>
  static Vectors separate(Floats first, Floats second, std::integer_sequence<int, i...>) {
    return {__builtin_shufflevector(first, second, (i / 2 % 2 * kLanes + i / 4 * 4 + i % 2 * 2)...),
            __builtin_shufflevector(first, second, (i / 2 % 2 * kLanes + i / 4 * 4 + i % 2 * 2 + 1)...)};
  }
  /// The way back; kFirst is 0 for the first two of every four lanes and 2 for the others.
  template <int kFirst, int... i>
  static Floats interleave(Vectors v, std::integer_sequence<int, i...>) {
    return __builtin_shufflevector(v.x, v.y, (i % 2 * kLanes + i / 4 * 4 + i / 2 % 2 + kFirst)...);
  }

  State& s_;
  int touching_ = 0;
};

}  // namespace
}  // namespace samara::sodarace
