// What the lanes promise beyond simulator_test.cc: nothing but the walker decides a bit of its walk.
#include "samara/domain/sodarace/lane_simulator.h"

#include <gtest/gtest.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <thread>

#include "samara/domain/sodarace/internal/sample_walkers.h"

namespace samara::sodarace {
namespace {

std::vector<Walker> sample(std::size_t count) {
  Rng rng(1);
  std::vector<Walker> walkers;
  for (std::size_t i = 0; i < count; ++i) walkers.push_back(random_walker(rng, 0.3));
  return walkers;
}

TEST(LaneSimulatorTest, EveryWidthGivesTheSameBits) {
  const std::vector<Walker> walkers = sample(150);
  const std::vector<WalkResult> narrow =
      LaneSimulator({.width = LaneWidth::k4}).walk(walkers, flat_terrain());
  for (const LaneWidth width : available_lane_widths()) {
    EXPECT_EQ(LaneSimulator({.width = width}).walk(walkers, flat_terrain()), narrow)
        << static_cast<int>(width);
  }
}

TEST(LaneSimulatorTest, EveryBatchGivesTheSameBits) {
  const std::vector<Walker> walkers = sample(60);
  const LaneSimulator simulator;
  const std::vector<WalkResult> together = simulator.walk(walkers, flat_terrain());
  for (const std::size_t size : {1, 2, 5, 17}) {
    std::vector<WalkResult> results;
    for (std::size_t first = 0; first < walkers.size(); first += size) {
      const auto batch = std::span(walkers).subspan(first, std::min(size, walkers.size() - first));
      std::ranges::move(simulator.walk(batch, flat_terrain()), std::back_inserter(results));
    }
    EXPECT_EQ(results, together) << "batches of " << size;
  }
}

TEST(LaneSimulatorTest, BrokenNeighborsChangeNothing) {
  const std::vector<Walker> walkers = sample(8);
  const LaneSimulator simulator;
  const std::vector<WalkResult> alone = simulator.walk(walkers, flat_terrain());
  // Long muscles of full stroke: their walks end in explosions, which the neighbors' lanes must not feel.
  Walker explosive;
  explosive.joints = {{-100, 0}, {100, 0}, {0, 100}, {0, 1}};
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      explosive.muscles.push_back({.a = a,
                                   .b = b,
                                   .active = true,
                                   .amplitude = kMaxAmplitude,
                                   .phase = 0.25f * static_cast<float>(a)});
    }
  }
  std::vector<Walker> mixed;
  for (const Walker& walker : walkers) {
    mixed.push_back(walker);
    mixed.push_back(explosive);
  }
  const std::vector<WalkResult> results = simulator.walk(mixed, flat_terrain());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    EXPECT_EQ(results[2 * i], alone[i]);
    EXPECT_TRUE(std::holds_alternative<InvalidWalk>(results[2 * i + 1]));
  }
}

TEST(LaneSimulatorTest, EveryThreadGivesTheSameBitsWhateverItsRounding) {
  const std::vector<Walker> walkers = sample(40);
  const LaneSimulator simulator;
  const std::vector<WalkResult> here = simulator.walk(walkers, flat_terrain());
  std::vector<WalkResult> results[2];
  std::thread plain([&] { results[0] = simulator.walk(walkers, flat_terrain()); });
  std::thread hasty([&] {
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0xe040);  // round toward zero, flush denormals, as some libraries choose
#endif
    results[1] = simulator.walk(walkers, flat_terrain());
  });
  plain.join();
  hasty.join();
  EXPECT_EQ(results[0], here);
  EXPECT_EQ(results[1], here);
}

TEST(LaneSimulatorTest, NoWalkersGiveNoResults) {
  EXPECT_TRUE(LaneSimulator().walk({}, flat_terrain()).empty());
}

}  // namespace
}  // namespace samara::sodarace
