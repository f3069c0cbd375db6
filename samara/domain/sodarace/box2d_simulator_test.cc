// What the reference simulator can that the lanes cannot: other terrains.
#include "samara/domain/sodarace/box2d_simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "samara/domain/sodarace/internal/sample_walkers.h"
#include "samara/domain/sodarace/lane_simulator.h"
#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {
namespace {

/// The one of many random walkers that gets farthest on level ground.
Walker good_walker() {
  Rng rng(1);
  std::vector<Walker> walkers;
  for (int i = 0; i < 200; ++i) walkers.push_back(random_walker(rng, 0.3));
  const std::vector<WalkResult> results = LaneSimulator().walk(walkers, flat_terrain());
  const auto progress = [](const WalkResult& result) {
    const Walk* walk = std::get_if<Walk>(&result);
    return walk ? std::abs(walk->progress) : 0.0;
  };
  return walkers[static_cast<std::size_t>(std::ranges::max_element(results, {}, progress) - results.begin())];
}

double farthest(const Walker& walker, const Terrain& terrain) {
  double reached = 0;
  Box2dSimulator().watch(walker, terrain, [&](const Frame& frame) {
    for (const Point& joint : frame.joints) reached = std::max(reached, std::abs(double{joint.x}));
  });
  return reached;
}

TEST(Box2dSimulatorTest, WallsStopAWalker) {
  const Walker walker = good_walker();
  Terrain walled = flat_terrain();
  const auto near = static_cast<float>(farthest(walker, flat_terrain()) * kWorldPerProgramUnit * 0.6);
  walled.obstacles = {{near, -10}, {near + 50, 500}, {-near - 50, -10}, {-near, 500}};
  EXPECT_LE(farthest(walker, walled), near / kWorldPerProgramUnit);
}

TEST(Box2dSimulatorTest, GroundOfManyPointsIsTheGroundOfTwo) {
  const Walker walker = good_walker();
  Terrain dotted = flat_terrain();
  dotted.ground.clear();
  for (int x = -200; x <= 200; x += 5) dotted.ground.push_back({static_cast<float>(x), 0.0f});
  const WalkResult one = Box2dSimulator().walk({&walker, 1}, flat_terrain())[0];
  const WalkResult other = Box2dSimulator().walk({&walker, 1}, dotted)[0];
  ASSERT_TRUE(std::holds_alternative<Walk>(one) && std::holds_alternative<Walk>(other));
  EXPECT_NEAR(std::get<Walk>(other).displacement, std::get<Walk>(one).displacement, 0.5);
}

TEST(Box2dSimulatorTest, AJointInAValleyStaysThere) {
  const Terrain valley{.name = "valley", .ground = {{-400, 300}, {0, 0}, {400, 300}}, .obstacles = {}};
  const Walker joint{.joints = {{0, 0}}, .muscles = {}};
  const WalkResult result = Box2dSimulator().walk({&joint, 1}, valley)[0];
  ASSERT_TRUE(std::holds_alternative<Walk>(result)) << std::get<InvalidWalk>(result).reason;
  EXPECT_NEAR(std::get<Walk>(result).displacement, 0.0, 0.01);
}

}  // namespace
}  // namespace samara::sodarace
