#include "samara/archive/archive.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "samara/archive/cvt_map.h"
#include "samara/archive/grid_map.h"
#include "samara/archive/selector.h"

namespace samara {
namespace {

const auto kLine = std::make_shared<const GridMap>(std::vector<GridAxis>{{{"x", 0.0, 4.0}, 4}});

Record scored(const std::string& source, double fitness, double x) {
  Record record;
  record.program = ProgramId::of(source);
  record.score = Score{fitness, {x}};
  return record;
}

/// Inserts a program of that text.
InsertResult insert(Archive& archive, const std::string& source, double fitness, double x) {
  return archive.insert(scored(source, fitness, x), static_cast<std::uint32_t>(source.size()));
}

TEST(ArchiveTest, StartsEmpty) {
  const Archive archive(kLine);
  EXPECT_TRUE(archive.elites().empty());
  EXPECT_EQ(archive.elite_of(3), nullptr);
  EXPECT_EQ(archive.stats().coverage, 0.0);
  EXPECT_EQ(archive.stats().obj_max, std::nullopt);
  EXPECT_EQ(archive.stats().obj_mean, std::nullopt);
}

TEST(ArchiveTest, AnEmptyNicheTakesAnyFitness) {
  Archive archive(kLine);
  const InsertResult result = insert(archive, "a", -1e300, 2.5);
  EXPECT_TRUE(result.accepted);
  EXPECT_TRUE(result.new_niche);
  EXPECT_EQ(result.niche, 2u);
  EXPECT_EQ(result.improvement, 0.0);
  EXPECT_EQ(archive.elite_of(2)->program, ProgramId::of("a"));
}

TEST(ArchiveTest, GreaterFitnessReplaces) {
  Archive archive(kLine);
  insert(archive, "a", 1.0, 0.5);
  const InsertResult result = insert(archive, "longer", 1.5, 0.6);
  EXPECT_TRUE(result.accepted);
  EXPECT_FALSE(result.new_niche);
  EXPECT_EQ(result.improvement, 0.5);
  EXPECT_EQ(archive.elite_of(0)->program, ProgramId::of("longer"));
  EXPECT_EQ(archive.elite_of(0)->score, (Score{1.5, {0.6}}));
  EXPECT_FALSE(insert(archive, "b", 1.4, 0.5).accepted);
}

TEST(ArchiveTest, TiesKeepTheShorterProgram) {
  Archive archive(kLine);
  insert(archive, "four", 1.0, 0.5);
  EXPECT_FALSE(insert(archive, "fives", 1.0, 0.5).accepted);
  EXPECT_TRUE(insert(archive, "two", 1.0, 0.5).accepted);
  EXPECT_EQ(archive.elite_of(0)->program, ProgramId::of("two"));
}

TEST(ArchiveTest, TiesOfEqualLengthKeepTheIncumbent) {
  Archive archive(kLine);
  insert(archive, "b", 1.0, 0.5);
  EXPECT_FALSE(insert(archive, "a", 1.0, 0.5).accepted);
  EXPECT_FALSE(insert(archive, "c", 1.0, 0.5).accepted);
  EXPECT_EQ(archive.elite_of(0)->program, ProgramId::of("b"));
}

TEST(ArchiveTest, ElitesRememberTheirRecord) {
  Archive archive(kLine);
  Record record = scored("a", 1.0, 0.5);
  record.iteration = 7;
  record.slot = 3;
  archive.insert(record, 1);
  EXPECT_EQ(archive.elites()[0].iteration, 7u);
  EXPECT_EQ(archive.elites()[0].slot, 3u);
}

TEST(ArchiveTest, StatsFollowTheirDefinitions) {
  Archive archive(kLine, /*qd_offset=*/-2.0);
  insert(archive, "a", 1.0, 0.5);
  insert(archive, "b", -1.5, 2.5);
  insert(archive, "c", 4.0, 3.5);
  const ArchiveStats stats = archive.stats();
  EXPECT_EQ(stats.num_elites, 3u);
  EXPECT_EQ(stats.coverage, 0.75);
  EXPECT_EQ(stats.qd_score, 3.0 + 0.5 + 6.0);
  EXPECT_EQ(stats.norm_qd_score, 9.5 / 4.0);
  EXPECT_EQ(stats.obj_max, 4.0);
  EXPECT_EQ(stats.obj_mean, 3.5 / 3.0);
}

TEST(ArchiveTest, OnlyScoredRecordsCanBeInserted) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Archive archive(kLine);
  EXPECT_DEATH(insert(archive, "a", std::nan(""), 0.5), "check failed");
  Record failed = scored("a", 1.0, 0.5);
  failed.score.reset();
  EXPECT_DEATH(archive.insert(failed, 1), "check failed");
}

TEST(ArchiveTest, TheDigestSeesEveryFieldItPromises) {
  const auto digest = [](const std::string& source, double fitness, double x) {
    Archive archive(kLine);
    insert(archive, source, fitness, x);
    return archive.digest();
  };
  EXPECT_EQ(digest("a", 1.0, 0.5), digest("a", 1.0, 0.5));
  EXPECT_NE(digest("a", 1.0, 0.5), digest("b", 1.0, 0.5));
  EXPECT_NE(digest("a", 1.0, 0.5), digest("a", 1.0 + 1e-15, 0.5));
  EXPECT_NE(digest("a", 0.0, 0.5), digest("a", -0.0, 0.5));
  EXPECT_NE(digest("a", 1.0, 0.5), digest("a", 1.0, 0.25));
  EXPECT_NE(digest("a", 1.0, 0.5), digest("a", 1.0, 1.5));
  EXPECT_NE(digest("a", 1.0, 0.5), Archive(kLine).digest());
  const auto other = std::make_shared<const GridMap>(std::vector<GridAxis>{{{"y", 0.0, 4.0}, 4}});
  EXPECT_NE(Archive(kLine).digest(), Archive(other).digest());
}

// Properties. Few fitness values, lengths and places, so that ties and collisions are common.

struct Sample {
  int fitness;
  int length;
  int place;
  int name;
  std::string source() const {
    return std::string(static_cast<std::size_t>(length), static_cast<char>('a' + name));
  }
};

rc::Gen<std::vector<Sample>> samples() {
  return rc::gen::container<std::vector<Sample>>(
      rc::gen::build<Sample>(rc::gen::set(&Sample::fitness, rc::gen::inRange(-2, 3)),
                             rc::gen::set(&Sample::length, rc::gen::inRange(1, 4)),
                             rc::gen::set(&Sample::place, rc::gen::inRange(0, 4)),
                             rc::gen::set(&Sample::name, rc::gen::inRange(0, 5))));
}

Archive fold(const std::vector<Sample>& sequence) {
  Archive archive(kLine);
  for (const Sample& sample : sequence) insert(archive, sample.source(), sample.fitness, sample.place);
  return archive;
}

RC_GTEST_PROP(ArchivePropertyTest, EveryNicheHoldsTheFirstOfItsBest, ()) {
  const std::vector<Sample> sequence = *samples();
  std::map<int, const Sample*> best;
  for (const Sample& sample : sequence) {
    const Sample*& incumbent = best[sample.place];
    const auto rank = [](const Sample& s) { return std::pair(s.fitness, -s.length); };
    if (incumbent == nullptr || rank(sample) > rank(*incumbent)) incumbent = &sample;
  }
  const Archive archive = fold(sequence);
  RC_ASSERT(archive.elites().size() == best.size());
  for (const auto& [place, sample] : best) {
    const Elite* elite = archive.elite_of(static_cast<std::uint32_t>(place));
    RC_ASSERT(elite != nullptr);
    RC_ASSERT(elite->program == ProgramId::of(sample->source()));
    RC_ASSERT(elite->score.fitness == sample->fitness);
  }
}

RC_GTEST_PROP(ArchivePropertyTest, AFoldInTwoPartsIsAFoldInOne, ()) {
  const std::vector<Sample> sequence = *samples();
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, sequence.size() + 1);
  Archive resumed = fold({sequence.begin(), sequence.begin() + static_cast<long>(cut)});
  for (std::size_t i = cut; i < sequence.size(); ++i) {
    insert(resumed, sequence[i].source(), sequence[i].fitness, sequence[i].place);
  }
  RC_ASSERT(resumed.digest() == fold(sequence).digest());
}

RC_GTEST_PROP(ArchivePropertyTest, RejectedRecordsLeaveNoTrace, ()) {
  const std::vector<Sample> sequence = *samples();
  Archive archive(kLine);
  std::vector<Sample> accepted;
  for (const Sample& sample : sequence) {
    if (insert(archive, sample.source(), sample.fitness, sample.place).accepted) accepted.push_back(sample);
  }
  RC_ASSERT(fold(accepted).digest() == archive.digest());
}

RC_GTEST_PROP(ArchivePropertyTest, ElitesStandInTheOrderOfFirstFilling, ()) {
  const std::vector<Sample> sequence = *samples();
  Archive archive(kLine);
  std::vector<std::uint32_t> order;
  for (const Sample& sample : sequence) {
    const InsertResult result = insert(archive, sample.source(), sample.fitness, sample.place);
    if (result.new_niche) order.push_back(result.niche);
  }
  RC_ASSERT(archive.elites().size() == order.size());
  for (std::size_t i = 0; i < order.size(); ++i) RC_ASSERT(archive.elites()[i].niche == order[i]);
}

TEST(SelectorTest, EveryOccupiedNicheIsEquallyLikely) {
  Archive archive(kLine);
  insert(archive, "poor", -100.0, 0.5);
  insert(archive, "rich", 100.0, 1.5);
  insert(archive, "some", 0.0, 3.5);
  std::vector<int> drawn(4);
  Rng rng(5);
  for (int i = 0; i < 30000; ++i) ++drawn[select_uniform(archive, rng).niche];
  EXPECT_EQ(drawn[2], 0);
  for (const int niche : {0, 1, 3})
    EXPECT_NEAR(drawn[static_cast<std::size_t>(niche)], 10000, 400);  // 5 sigma
}

TEST(SelectorTest, ATournamentPrefersTheFittest) {
  Archive archive(kLine);
  insert(archive, "poor", -100.0, 0.5);
  insert(archive, "rich", 100.0, 1.5);
  insert(archive, "some", 0.0, 3.5);
  std::vector<int> drawn(4);
  Rng rng(5);
  for (int i = 0; i < 27000; ++i) ++drawn[select_tournament(archive, rng, 2).niche];
  EXPECT_NEAR(drawn[1], 15000, 420);  // 1 - (2/3)^2 of 27,000; 5 sigma
  EXPECT_NEAR(drawn[3], 9000, 390);   // (2/3)^2 - (1/3)^2
  EXPECT_NEAR(drawn[0], 3000, 260);   // (1/3)^2
}

TEST(SelectorTest, ATournamentOfOneIsUniform) {
  Archive archive(kLine);
  for (int i = 0; i < 4; ++i) insert(archive, "p", i, i);
  Rng first(6, 1, 2, Stream::kSelect), second(6, 1, 2, Stream::kSelect);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(select_tournament(archive, first, 1).niche, select_uniform(archive, second).niche);
  }
}

TEST(SelectorTest, TheStreamDecides) {
  Archive archive(kLine);
  for (int i = 0; i < 4; ++i) insert(archive, "p", i, i);
  Rng first(6, 1, 2, Stream::kSelect), second(6, 1, 2, Stream::kSelect);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(select_uniform(archive, first).niche, select_uniform(archive, second).niche);
  }
}

}  // namespace
}  // namespace samara
