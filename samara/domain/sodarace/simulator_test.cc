// What every simulator promises, checked on both, and that they agree. Random walkers come from a fixed seed.
#include "samara/domain/sodarace/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <string>

#include "samara/domain/sodarace/box2d_simulator.h"
#include "samara/domain/sodarace/internal/sample_walkers.h"
#include "samara/domain/sodarace/lane_simulator.h"
#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {
namespace {

/// How far a passive body may creep, in program units; docs/sodarace-physics.md has what was measured.
constexpr double kRestTolerance = 0.06;

std::vector<Walker> random_walkers(std::uint64_t seed, std::size_t count, double passive_share) {
  Rng rng(seed);
  std::vector<Walker> walkers;
  for (std::size_t i = 0; i < count; ++i) walkers.push_back(random_walker(rng, passive_share));
  return walkers;
}

std::vector<Frame> film(const Simulator& simulator, const Walker& walker) {
  std::vector<Frame> frames;
  simulator.watch(walker, flat_terrain(), [&](const Frame& frame) { frames.push_back(frame); });
  return frames;
}

double center_x(const Frame& frame) {
  double sum = 0;
  for (const Point& joint : frame.joints) sum += joint.x;
  return sum / static_cast<double>(frame.joints.size());
}

class SimulatorTest : public testing::TestWithParam<std::string> {
 protected:
  SimulatorTest() {
    if (GetParam() == "box2d") {
      simulator_ = std::make_unique<Box2dSimulator>();
    } else {
      simulator_ = std::make_unique<LaneSimulator>();
    }
  }
  /// The reference is slow.
  std::size_t count(std::size_t of_lanes) const { return GetParam() == "box2d" ? of_lanes / 10 : of_lanes; }
  WalkResult walk(const Walker& walker) const { return simulator_->walk({&walker, 1}, flat_terrain())[0]; }

  std::unique_ptr<Simulator> simulator_;
};

INSTANTIATE_TEST_SUITE_P(All, SimulatorTest, testing::Values("lanes", "box2d"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(SimulatorTest, PassiveBodiesStayWhereTheyAreFromTheFirstMeasuredStep) {
  std::size_t rested = 0;
  const std::vector<Walker> walkers = random_walkers(1, count(200), 1.0);
  for (const Walker& walker : walkers) {
    const std::vector<Frame> frames = film(*simulator_, walker);
    const auto start = std::ranges::find(frames, 0.0, &Frame::seconds);
    if (frames.back().seconds < 15.0) continue;
    ++rested;
    for (auto frame = start; frame != frames.end(); ++frame) {
      ASSERT_NEAR(center_x(*frame), center_x(*start), kRestTolerance)
          << frame->seconds << walker_json(walker);
    }
  }
  EXPECT_GE(rested, walkers.size() * 8 / 10);
}

TEST_P(SimulatorTest, APassiveBodyNeverHasMoreEnergyThanItStartedWith) {
  for (const Walker& walker : random_walkers(2, count(100), 1.0)) {
    const std::vector<Frame> frames = film(*simulator_, walker);
    double start = 0;
    for (const Point& joint : frames.front().joints) start += kGravity * joint.y * kWorldPerProgramUnit;
    for (std::size_t i = 1; i < frames.size(); ++i) {
      double energy = 0;
      for (std::size_t j = 0; j < walker.joints.size(); ++j) {
        const double vx = frames[i].joints[j].x - double{frames[i - 1].joints[j].x};
        const double vy = frames[i].joints[j].y - double{frames[i - 1].joints[j].y};
        const double per_second = kWorldPerProgramUnit * kStepsPerSecond;
        energy += kGravity * frames[i].joints[j].y * kWorldPerProgramUnit +
                  (vx * vx + vy * vy) * per_second * per_second / 2;
      }
      // Where joints overlap the ground, lifting them out of it adds a little.
      ASSERT_LE(energy, 1.01 * start) << "step " << i << " of " << walker_json(walker);
    }
  }
}

TEST_P(SimulatorTest, NoJointIsBelowTheGroundWhileWalking) {
  for (const Walker& walker : random_walkers(3, count(100), 0.3)) {
    for (const Frame& frame : film(*simulator_, walker)) {
      if (frame.seconds < 0) continue;
      for (const Point& joint : frame.joints) ASSERT_GT(joint.y, 0) << walker_json(walker);
    }
  }
}

TEST_P(SimulatorTest, NoWalkerGoesFasterThanFrictionAllows) {
  // Only friction accelerates the center of mass along x, by at most its coefficient times the force that
  // holds the walker up; over 15 seconds that force is its weight, but for where the center of mass ends up
  // and how fast. Damping takes the rest.
  for (const WalkResult& result : simulator_->walk(random_walkers(4, count(500), 0.2), flat_terrain())) {
    const Walk* walk = std::get_if<Walk>(&result);
    if (!walk) continue;
    const double seconds = kMeasuredSteps / kStepsPerSecond;
    const double upward =
        kGravity * seconds + kMaxSpeed - kLinearDamping * walk->descent * kWorldPerProgramUnit;
    EXPECT_LE(std::abs(walk->displacement),
              kContactFriction / kLinearDamping * upward / kWorldPerProgramUnit);
  }
}

TEST_P(SimulatorTest, TheSameWalkerGivesTheSameBitsAfterOthersAndInAnyOrder) {
  std::vector<Walker> walkers = random_walkers(5, count(120), 0.3);
  const std::vector<WalkResult> results = simulator_->walk(walkers, flat_terrain());
  for (std::size_t i = 0; i < walkers.size(); i += 7) EXPECT_EQ(walk(walkers[i]), results[i]);
  std::ranges::reverse(walkers);
  std::vector<WalkResult> reversed = simulator_->walk(walkers, flat_terrain());
  std::ranges::reverse(reversed);
  EXPECT_EQ(reversed, results);
}

TEST_P(SimulatorTest, WatchingShowsEveryStepAndChangesNothing) {
  for (const Walker& walker : random_walkers(6, count(30), 0.3)) {
    std::vector<Frame> frames;
    const WalkResult watched =
        simulator_->watch(walker, flat_terrain(), [&](const Frame& frame) { frames.push_back(frame); });
    EXPECT_EQ(watched, walk(walker));
    for (std::size_t i = 1; i < frames.size(); ++i) {
      ASSERT_NEAR(frames[i].seconds - frames[i - 1].seconds, 1 / kStepsPerSecond, 1e-9);
    }
    ASSERT_TRUE(std::ranges::count(frames, 0.0, &Frame::seconds) == 1);
    if (const Walk* walk = std::get_if<Walk>(&watched)) {
      EXPECT_EQ(frames.back().seconds, 15.0);
      const auto start = std::ranges::find(frames, 0.0, &Frame::seconds);
      EXPECT_NEAR(center_x(frames.back()) - center_x(*start), walk->displacement, 1e-5);
    }
  }
}

TEST_P(SimulatorTest, WhereAProgramPutsItsWalkerDoesNotMatter) {
  std::vector<Walker> walkers = random_walkers(7, count(50), 0.3);
  const std::vector<WalkResult> results = simulator_->walk(walkers, flat_terrain());
  for (Walker& walker : walkers) {
    for (Joint& joint : walker.joints) {
      joint.x += 61.25f + 1.0f / kTicksPerUnit;
      joint.y -= 77.5f;
    }
  }
  EXPECT_EQ(simulator_->walk(walkers, flat_terrain()), results);
}

TEST_P(SimulatorTest, TheOrderOfMusclesAndOfTheirEndsDoesNotMatter) {
  Rng rng(8);
  std::vector<Walker> walkers = random_walkers(8, count(50), 0.3);
  const std::vector<WalkResult> results = simulator_->walk(walkers, flat_terrain());
  for (Walker& walker : walkers) {
    rng.shuffle(std::span(walker.muscles));
    for (Muscle& muscle : walker.muscles) {
      if (rng.chance(0.5)) std::swap(muscle.a, muscle.b);
    }
  }
  EXPECT_EQ(simulator_->walk(walkers, flat_terrain()), results);
}

TEST_P(SimulatorTest, AMirroredWalkerWalksTheOtherWay) {
  std::vector<Walker> walkers = random_walkers(9, count(100), 0.3);
  const std::vector<WalkResult> results = simulator_->walk(walkers, flat_terrain());
  for (Walker& walker : walkers) {
    for (Joint& joint : walker.joints) joint.x = -joint.x;
  }
  const std::vector<WalkResult> mirrored = simulator_->walk(walkers, flat_terrain());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    const Walk* walk = std::get_if<Walk>(&results[i]);
    if (!walk) {
      EXPECT_EQ(mirrored[i], results[i]);
      continue;
    }
    const Walk* other = std::get_if<Walk>(&mirrored[i]);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->displacement, -walk->displacement);
    EXPECT_EQ(other->descent, walk->descent);
  }
}

/// A heavy base on the ground and one muscle with a light load on top, which moves up and down with it.
Walker piston(float amplitude, float phase) {
  Walker walker;
  walker.joints = {{-5, 0}, {5, 0}, {-4, 3}, {4, 3}, {0, 4}, {0, 14}, {-6, 1}, {6, 1}};
  for (std::uint32_t a = 0; a < 8; ++a) {
    for (std::uint32_t b = a + 1; b < 8; ++b) {
      if (a != 5 && b != 5) walker.muscles.push_back({.a = a, .b = b});
    }
  }
  walker.muscles.push_back({.a = 4, .b = 5, .active = true, .amplitude = amplitude, .phase = phase});
  return walker;
}

TEST_P(SimulatorTest, AMusclesLengthFollowsItsFormula) {
  constexpr double kLength = 10;
  for (const auto& [amplitude, phase] :
       {std::pair(0.05f, 0.0f), std::pair(0.05f, 0.25f), std::pair(0.1f, 0.625f), std::pair(-0.1f, 0.125f)}) {
    // The first harmonic of the muscle's length over five of its cycles.
    double cosine = 0;
    double sine = 0;
    const double cycle = 2 * std::numbers::pi / kMuscleAngularSpeed;
    int samples = 0;
    for (const Frame& frame : film(*simulator_, piston(amplitude, phase))) {
      if (frame.seconds <= 2 || frame.seconds > 2 + 5 * cycle) continue;
      const double length =
          std::hypot(frame.joints[5].x - frame.joints[4].x, frame.joints[5].y - frame.joints[4].y);
      cosine += (length - kLength) * std::cos(kMuscleAngularSpeed * frame.seconds);
      sine += (length - kLength) * std::sin(kMuscleAngularSpeed * frame.seconds);
      ++samples;
    }
    ASSERT_GT(samples, 600);
    const double stroke = 2 * std::hypot(cosine, sine) / samples;
    double turns = std::atan2(-sine, cosine) / (2 * std::numbers::pi);  // of cos(3 t + 2 pi turns)
    if (amplitude < 0) turns += 0.5;
    // A spring of 3 Hz that moves a load overshoots slow motions a little and lags behind them.
    EXPECT_NEAR(stroke, std::abs(amplitude) * kLength, 0.1 * std::abs(amplitude) * kLength);
    EXPECT_NEAR(std::remainder(turns - phase, 1.0), 0.0, 0.04) << amplitude << " " << phase;
  }
}

TEST_P(SimulatorTest, WhatIsNotANumberIsAnInvalidWalk) {
  Walker walker = piston(0.1f, 0.0f);
  walker.joints[2].y = NAN;
  EXPECT_TRUE(std::holds_alternative<InvalidWalk>(walk(walker)));
  walker.joints[2].y = 3e38f;
  EXPECT_TRUE(std::holds_alternative<InvalidWalk>(walk(walker)));
  walker = piston(0.1f, INFINITY);
  EXPECT_TRUE(std::holds_alternative<InvalidWalk>(walk(walker)));
}

TEST_P(SimulatorTest, LooseJointsAndLonelyOnesLieStill) {
  const Walker lonely{.joints = {{3, 3}}, .muscles = {}};
  const Walker loose{.joints = {{0, 0}, {5, 2}, {-3, 4}}, .muscles = {}};
  for (const Walker& walker : {lonely, loose}) {
    const WalkResult result = walk(walker);
    ASSERT_TRUE(std::holds_alternative<Walk>(result)) << std::get<InvalidWalk>(result).reason;
    EXPECT_NEAR(std::get<Walk>(result).displacement, 0.0, 1e-6);
  }
}

TEST_P(SimulatorTest, TheLargestWalkerIsSimulated) {
  Rng rng(10);
  const Walker largest = grid_walker(32, 8, kMaxMuscles, 0.5, rng);
  ASSERT_EQ(largest.joints.size(), kMaxJoints);
  ASSERT_EQ(largest.muscles.size(), kMaxMuscles);
  const WalkResult result = walk(largest);
  EXPECT_TRUE(std::holds_alternative<Walk>(result)) << std::get<InvalidWalk>(result).reason;
}

/// Ranks of the values, in their order.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = static_cast<double>(rank);
  return ranks;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(SimulatorsTest, RankRandomWalkersAlike) {
  const std::vector<Walker> walkers = random_walkers(11, 200, 0.2);
  const std::vector<WalkResult> lanes = LaneSimulator().walk(walkers, flat_terrain());
  const std::vector<WalkResult> reference = Box2dSimulator().walk(walkers, flat_terrain());
  std::vector<double> a;
  std::vector<double> b;
  std::size_t both_invalid = 0;
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    const Walk* one = std::get_if<Walk>(&lanes[i]);
    const Walk* other = std::get_if<Walk>(&reference[i]);
    if (!one && !other) ++both_invalid;
    if (!one || !other) continue;
    a.push_back(one->displacement);
    b.push_back(other->displacement);
  }
  EXPECT_GE(correlation(ranks(a), ranks(b)), 0.97);
  EXPECT_GE(a.size() + both_invalid, walkers.size() * 95 / 100)
      << "they disagree about which walks are valid";
}

}  // namespace
}  // namespace samara::sodarace
