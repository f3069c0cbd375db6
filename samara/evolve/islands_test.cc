#include "samara/evolve/islands.h"

#include <gtest/gtest.h>

#include <set>

#include "samara/archive/grid_map.h"

namespace samara {
namespace {

std::shared_ptr<const NicheMap> ten_niches() {
  return std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", 0.0, 10.0}, 10}});
}

Record scored(std::uint32_t iteration, std::uint32_t slot, double x, double fitness) {
  Record record;
  record.iteration = iteration;
  record.slot = slot;
  record.outcome = Outcome::kRejected;
  record.program = ProgramId::of(fmt::format("{} {} {} {}", iteration, slot, x, fitness));
  record.score = Score{fitness, {x}};
  return record;
}

TEST(IslandsTest, WithOneThereIsOnlyTheRunsArchive) {
  Islands one(ten_niches(), 0.0, {});
  EXPECT_TRUE(one.archives().empty());
  EXPECT_FALSE(one.insert(scored(1, 7, 1.0, 1.0), 1));
  EXPECT_EQ(one.island_of(123), 0u);
}

TEST(IslandsTest, SlotsAreSharedOutEvenlyAndInOrder) {
  for (const std::uint32_t count : {2u, 3u, 7u, 60u}) {
    const Islands islands(ten_niches(), 0.0, {count, 60});
    std::vector<std::uint32_t> slots(count, 0);
    for (std::uint32_t slot = 0; slot < 60; ++slot) {
      ASSERT_LT(islands.island_of(slot), count);
      if (slot > 0) {
        EXPECT_GE(islands.island_of(slot), islands.island_of(slot - 1));
      }
      ++slots[islands.island_of(slot)];
    }
    for (const std::uint32_t of_island : slots) EXPECT_NEAR(of_island, 60.0 / count, 1.0) << count;
  }
}

TEST(IslandsTest, SeedsSettleEverywhereAndChildrenOnTheirIsland) {
  Islands islands(ten_niches(), 0.0, {3, 6});
  EXPECT_TRUE(islands.insert(scored(0, 0, 1.0, 1.0), 1));
  for (const Archive& island : islands.archives()) EXPECT_EQ(island.elites().size(), 1u);
  EXPECT_TRUE(islands.insert(scored(1, 2, 5.0, 1.0), 1));
  EXPECT_EQ(islands.archives()[0].elites().size(), 1u);
  EXPECT_EQ(islands.archives()[1].elites().size(), 2u);
  EXPECT_EQ(islands.archives()[2].elites().size(), 1u);
  EXPECT_FALSE(islands.insert(scored(1, 3, 5.0, 0.5), 1)) << "its island has a better one";
  EXPECT_TRUE(islands.insert(scored(1, 4, 5.0, 0.5), 1)) << "this island has none";
}

TEST(IslandsTest, MigrantsGoOneIslandFurtherAndNoFarther) {
  Islands islands(ten_niches(), 0.0,
                  {.count = 3, .batch = 3, .migration_interval = 5, .migration_rate = 1.0});
  islands.insert(scored(1, 0, 0.5, 1.0), 1);
  islands.insert(scored(1, 1, 1.5, 1.0), 1);
  const auto niches = [&](std::size_t island) {
    std::set<std::uint32_t> found;
    for (const Elite& elite : islands.archives()[island].elites()) found.insert(elite.niche);
    return found;
  };
  using Niches = std::set<std::uint32_t>;
  islands.end_iteration(0);
  islands.end_iteration(4);
  EXPECT_EQ(niches(0), Niches{0}) << "not yet";
  islands.end_iteration(5);
  EXPECT_EQ(niches(0), Niches{0});
  EXPECT_EQ(niches(1), (Niches{0, 1}));
  EXPECT_EQ(niches(2), Niches{1}) << "all leave before any arrives";
  islands.end_iteration(10);
  EXPECT_EQ(niches(0), (Niches{0, 1})) << "the ring closes";
  EXPECT_EQ(niches(2), (Niches{0, 1}));
}

TEST(IslandsTest, AMigrantDisplacesOnlyWhatItBeats) {
  Islands islands(ten_niches(), 0.0,
                  {.count = 2, .batch = 2, .migration_interval = 1, .migration_rate = 1.0});
  islands.insert(scored(1, 0, 0.5, 1.0), 1);
  islands.insert(scored(1, 1, 0.5, 2.0), 1);
  islands.end_iteration(1);
  for (const Archive& island : islands.archives()) {
    ASSERT_EQ(island.elites().size(), 1u);
    EXPECT_EQ(island.elites()[0].score.fitness, 2.0);
    EXPECT_EQ(island.elites()[0].slot, 1u) << "it keeps the record that made it";
  }
}

TEST(IslandsTest, TheRateSaysHowManyMigrate) {
  for (const double rate : {0.05, 0.25, 0.5, 1.0}) {
    Islands islands(ten_niches(), 0.0,
                    {.count = 2, .batch = 2, .migration_interval = 1, .migration_rate = rate});
    for (int niche = 0; niche < 10; ++niche) islands.insert(scored(1, 0, niche + 0.5, 1.0), 1);
    islands.end_iteration(1);
    EXPECT_EQ(islands.archives()[1].elites().size(), std::ceil(10 * rate)) << rate;
  }
}

}  // namespace
}  // namespace samara
