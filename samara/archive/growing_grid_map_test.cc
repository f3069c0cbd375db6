#include "samara/archive/growing_grid_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "samara/archive/archive.h"
#include "samara/base/rng.h"

namespace samara {
namespace {

std::shared_ptr<const NicheMap> make_map(std::uint32_t bins = 10) {
  return std::make_shared<GrowingGridMap>(
      std::vector<GrowingAxis>{{{{"size", 0.0, 1.0}, bins}, true}, {{{"share", 0.0, 1.0}, 4}, false}});
}

Record record_of(std::uint32_t slot, double fitness, double x, double share) {
  Record record;
  record.iteration = 1;
  record.slot = slot;
  record.outcome = Outcome::kRejected;
  record.program = ProgramId::of(std::to_string(slot));
  record.score = Score{fitness, {x, share}};
  return record;
}

/// Values as tasks have them: sizes, tiny and huge numbers, both signs.
double any_value(Rng& rng) {
  switch (rng.below(4)) {
    case 0:
      return rng.below(5000);
    case 1:
      return rng.normal() * std::pow(10.0, rng.uniform(-12, 12));
    case 2:
      return 100.0;
    default:
      return rng.uniform(-1, 1);
  }
}

TEST(GrowingGridMapTest, TheRangeHoldsAllThatWasSeenAndUsesAtLeastHalfItsBins) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    std::shared_ptr<const NicheMap> map = make_map();
    double low = 1e300, high = -1e300;
    for (int i = 0; i < 40; ++i) {
      const double x = any_value(rng);
      low = std::min(low, x), high = std::max(high, x);
      const double seen[] = {x, 0.5};
      if (auto next = map->after_seeing(seen)) map = next;
    }
    const BehaviorAxis axis = map->axes()[0];
    EXPECT_LE(axis.low, low) << "seed " << seed;
    EXPECT_GE(axis.high, high) << "seed " << seed;
    EXPECT_LE(axis.high - axis.low, 4.0 * (high - low)) << "seed " << seed;
    for (std::uint32_t niche = 0; niche < map->size(); ++niche)
      EXPECT_EQ(map->niche_of(map->center(niche)), niche);
  }
}

TEST(GrowingGridMapTest, TheRangeDoesNotDependOnTheOrderOfTheValues) {
  Rng rng(7);
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(any_value(rng));
  std::string fingerprint;
  for (int round = 0; round < 5; ++round) {
    rng.shuffle(std::span(values));
    std::shared_ptr<const NicheMap> map = make_map();
    for (const double x : values) {
      const double seen[] = {x, 0.1};
      if (auto next = map->after_seeing(seen)) map = next;
    }
    if (round > 0) {
      EXPECT_EQ(map->fingerprint(), fingerprint);
    }
    fingerprint = map->fingerprint();
  }
}

TEST(GrowingGridMapTest, NichesAreJoinedOrRenumberedButNeverCut) {
  Rng rng(11);
  std::shared_ptr<const NicheMap> map = make_map();
  std::vector<Behavior> seen;
  for (int i = 0; i < 300; ++i) {
    const Behavior behavior{any_value(rng), rng.uniform()};
    seen.push_back(behavior);
    const std::shared_ptr<const NicheMap> next = map->after_seeing(behavior);
    if (!next) continue;
    std::map<std::uint32_t, std::uint32_t> goes_to;
    for (const Behavior& b : std::span(seen).first(seen.size() - 1)) {
      const auto [place, fresh] = goes_to.emplace(map->niche_of(b), next->niche_of(b));
      EXPECT_EQ(place->second, next->niche_of(b));
    }
    map = next;
  }
}

TEST(GrowingGridMapTest, TheArchiveIsAsIfTheMapHadAlwaysBeenTheLastOne) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    std::vector<Record> log;
    for (std::uint32_t slot = 0; slot < 200; ++slot) {
      log.push_back(record_of(slot, rng.below(20), any_value(rng), rng.uniform()));
    }
    Archive growing(make_map());
    for (const Record& record : log) growing.insert(record, 10 + record.slot % 3);

    std::shared_ptr<const NicheMap> last = make_map();
    for (const Record& record : log) {
      if (auto next = last->after_seeing(record.score->behavior)) last = next;
    }
    Archive at_once(last);
    for (const Record& record : log) at_once.insert(record, 10 + record.slot % 3);
    EXPECT_EQ(growing.digest(), at_once.digest()) << "seed " << seed;
    for (const Elite& elite : growing.elites()) {
      EXPECT_EQ(growing.map().niche_of(elite.score.behavior), elite.niche);
      EXPECT_EQ(growing.elite_of(elite.niche)->program, elite.program);
    }
  }
}

TEST(GrowingGridMapTest, OneValueIsEnoughAndExtremesAreHeld) {
  std::shared_ptr<const NicheMap> map = make_map(5);
  for (const double x : {0.0, 5.0, 1e308, -1e308, 5e-324}) {
    const double seen[] = {x, 0.0};
    if (auto next = map->after_seeing(seen)) map = next;
    EXPECT_TRUE(std::isfinite(map->axes()[0].low) && std::isfinite(map->axes()[0].high));
    EXPECT_LT(map->niche_of(seen), map->size());
  }
}

}  // namespace
}  // namespace samara
