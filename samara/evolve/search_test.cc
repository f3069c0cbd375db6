// Facts about the ways to search: islands, the novelty filter, baselines and early stopping, each of which
// must give the same run on any number of workers and however often it was stopped and resumed.
#include <gtest/gtest.h>

#include <filesystem>

#include "samara/evolve/fold_log.h"
#include "samara/evolve/internal/toy_world.h"

namespace samara {
namespace {

const std::atomic<bool> kNeverStop{false};
constexpr std::uint32_t kBatch = 60, kIterations = 16;

struct Variant {
  std::string name;
  std::uint32_t islands = 1;
  double novelty = 0.0;
  Baseline baseline = Baseline::kNone;
  StopOptions stop = {};
  std::uint32_t tournament = 1;
};

StopOptions stop_at(double fitness) {
  StopOptions stop;
  stop.target_fitness = fitness;
  return stop;
}

const std::vector<Variant> kVariants{{"islands", 4},
                                     {"more_islands_than_divide_the_batch", 7},
                                     {"novelty", 1, 0.25},
                                     {"islands_and_novelty", 3, 0.25},
                                     {"iid", 1, 0.0, Baseline::kIid},
                                     {"sequential", 1, 0.0, Baseline::kSequential},
                                     {"target", 2, 0.0, Baseline::kNone, stop_at(-9.0)},
                                     {"tournament", 2, 0.0, Baseline::kNone, {}, 4}};

/// Everything that later iterations depend on.
std::string fingerprint(RunStore& store, const RunState& state) {
  std::string text;
  const auto add = [&](const Sha256Digest& digest) { text += to_hex(digest.data(), digest.size()) + "\n"; };
  add(store.digest().value());
  add(state.archive().digest());
  for (const Archive& island : state.islands().archives()) add(island.digest());
  return text;
}

class SearchTest : public testing::TestWithParam<Variant> {
 protected:
  SearchTest() { std::filesystem::remove_all(root_); }
  ~SearchTest() override { std::filesystem::remove_all(root_); }

  static std::string test_name() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
  }
  RunStore create(const std::string& name) {
    return RunStore::create(root_ / name, {"toy", {"toy.move", "toy.donor"}, "test"}).value();
  }
  static RunState empty_state(const Variant& v) {
    const std::vector<ArmWeight> arms{{"toy.move", 3.0}, {"toy.donor", 1.0}};
    return RunState(toy::niche_map(), ArmMixture::adaptive(arms), 0.0, {v.islands, kBatch, 3, 0.2, 42});
  }
  static EvolutionOptions options_of(const Variant& v) {
    EvolutionOptions options;
    options.emitter = {42, kBatch, 3, v.tournament, v.baseline};
    options.novelty = v.novelty;
    options.iterations = kIterations;
    options.stop = v.stop;
    return options;
  }
  static Result<EvolutionEnd> run(RunStore& store, RunState& state, const EvolutionOptions& options) {
    return evolve(
        store, state, toy::seeds(), options, toy::make_worker, [](const IterationReport&) {}, kNeverStop);
  }
  std::string finish(const std::string& name, const Variant& v, const EvolutionOptions& options) {
    RunStore store = create(name);
    RunState state = empty_state(v);
    EXPECT_TRUE(run(store, state, options).ok());
    return fingerprint(store, state);
  }

  const std::filesystem::path root_ = std::filesystem::path(testing::TempDir()) / ("search_" + test_name());
};

TEST_P(SearchTest, TheRunDoesNotDependOnTheNumberOfWorkers) {
  EvolutionOptions options = options_of(GetParam());
  const std::string one = finish("one", GetParam(), options);
  for (const unsigned workers : {2u, 7u}) {
    options.workers = workers;
    EXPECT_EQ(finish(std::to_string(workers), GetParam(), options), one) << workers << " workers";
  }
}

TEST_P(SearchTest, TheRunDoesNotDependOnWhereItWasStoppedAndResumed) {
  const EvolutionOptions options = options_of(GetParam());
  const std::string whole = finish("whole", GetParam(), options);
  for (const std::uint32_t first_part : {0u, 1u, 3u, 4u, 10u}) {
    const std::string name = std::to_string(first_part);
    EvolutionOptions part = options;
    part.iterations = first_part;
    finish(name, GetParam(), part);
    RunStore store = RunStore::open(root_ / name, Access::kWrite).value();
    RunState state = empty_state(GetParam());
    ASSERT_TRUE(run(store, state, options).ok());
    EXPECT_EQ(fingerprint(store, state), whole) << "stopped after " << first_part;
  }
}

TEST_P(SearchTest, TheLogFoldsToTheSameState) {
  RunStore store = create("run");
  RunState state = empty_state(GetParam());
  ASSERT_TRUE(run(store, state, options_of(GetParam())).ok());
  RunState folded = empty_state(GetParam());
  ASSERT_TRUE(fold_log(store, folded, {}).ok());
  EXPECT_EQ(fingerprint(store, folded), fingerprint(store, state));
  ASSERT_TRUE(store.check().ok());
}

INSTANTIATE_TEST_SUITE_P(Variants, SearchTest, testing::ValuesIn(kVariants),
                         [](const auto& info) { return info.param.name; });

TEST_F(SearchTest, ParentsComeFromTheSlotsIsland) {
  const Variant variant{"islands", 4};
  RunStore store = create("run");
  RunState state = empty_state(variant);
  ASSERT_TRUE(run(store, state, options_of(variant)).ok());

  // Parents were born on the island or, from the first migration on, on the one before it in the ring.
  std::vector<std::unordered_set<ProgramId>> born(4);
  const Islands islands(toy::niche_map(), 0.0, {4, kBatch, 3, 0.2, 42});
  const auto check = [&](const Record& record, std::uint32_t) -> Status {
    const std::uint32_t island = islands.island_of(record.slot);
    for (const ProgramId& parent : record.parents) {
      if (record.iteration > 7) break;  // the second migration has brought those of other islands
      const bool native = born[island].contains(parent);
      const bool migrant = record.iteration > 4 && born[(island + 3) % 4].contains(parent);
      EXPECT_TRUE(native || migrant) << "iteration " << record.iteration << ", slot " << record.slot;
    }
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (record.program && (record.iteration == 0 || i == island)) born[i].insert(*record.program);
    }
    return {};
  };
  ASSERT_TRUE(store.for_each_record(check).ok());
}

TEST_F(SearchTest, TheNoveltyFilterRefusesSomeAndEvaluatesNoneOfThem) {
  const Variant variant{"novelty", 1, 0.25};
  RunStore store = create("run");
  RunState state = empty_state(variant);
  ASSERT_TRUE(run(store, state, options_of(variant)).ok());
  const std::uint64_t refused = state.outcomes()[static_cast<std::size_t>(Outcome::kNotNovel)];
  EXPECT_GT(refused, 20u);
  EXPECT_LT(refused, kIterations * kBatch / 2);
  const auto check = [&](const Record& record, std::uint32_t) -> Status {
    if (record.outcome != Outcome::kNotNovel) return {};
    EXPECT_FALSE(record.score.has_value());
    EXPECT_TRUE(record.program.has_value());
    EXPECT_NE(record.message.find("% like"), std::string::npos);
    return {};
  };
  ASSERT_TRUE(store.for_each_record(check).ok());
}

TEST_F(SearchTest, IidCandidatesAreChildrenOfTheSeed) {
  RunStore store = create("run");
  RunState state = empty_state({});
  ASSERT_TRUE(run(store, state, options_of(kVariants[4])).ok());
  const ProgramId seed = ProgramId::of(toy::seeds()[0].source);
  const auto check = [&](const Record& record, std::uint32_t) -> Status {
    for (const ProgramId& parent : record.parents) EXPECT_EQ(parent, seed);
    return {};
  };
  ASSERT_TRUE(store.for_each_record(check).ok());
}

TEST_F(SearchTest, SequentialCandidatesAreChildrenOfTheBestSoFar) {
  RunStore store = create("run");
  RunState state = empty_state({});
  EvolutionOptions options = options_of(kVariants[5]);
  options.emitter.batch = 1;
  options.emitter.children_per_parent = 1;
  options.lag = 0;
  options.iterations = 200;
  ASSERT_TRUE(run(store, state, options).ok());
  double best = -INFINITY;
  std::unordered_map<ProgramId, double> fitness;
  const auto check = [&](const Record& record, std::uint32_t) -> Status {
    for (const ProgramId& parent : record.parents) EXPECT_EQ(fitness.at(parent), best);
    if (!record.score) return {};
    fitness[*record.program] = record.score->fitness;
    best = std::max(best, record.score->fitness);
    return {};
  };
  ASSERT_TRUE(store.for_each_record(check).ok());
  EXPECT_GT(best, -6.0);  // the seed's is -12.7
}

TEST_F(SearchTest, ARunEndsAtItsTargetAndGoesOnUnderAnother) {
  RunStore store = create("run");
  EvolutionOptions options = options_of({});
  options.stop = stop_at(-9.0);
  RunState state = empty_state({});
  EXPECT_EQ(run(store, state, options).value(), EvolutionEnd::kTargetReached);
  EXPECT_GE(*state.archive().stats().obj_max, -9.0);
  const std::uint32_t ended = *store.last_iteration().value();
  EXPECT_LT(ended, kIterations);

  RunState again = empty_state({});
  EXPECT_EQ(run(store, again, options).value(), EvolutionEnd::kTargetReached)
      << "a resume knows that it is over";
  EXPECT_EQ(store.last_iteration().value(), ended);

  options.iterations = ended;
  RunState last = empty_state({});
  EXPECT_EQ(run(store, last, options).value(), EvolutionEnd::kTargetReached)
      << "also when it was the last iteration";
  options.iterations = kIterations;

  options.stop = {};
  RunState further = empty_state({});
  EXPECT_EQ(run(store, further, options).value(), EvolutionEnd::kIterationsDone);
  EXPECT_EQ(finish("whole", {}, options), fingerprint(store, further));
}

TEST_F(SearchTest, WhyARunEndedEarlyStandsInItsLastIteration) {
  RunStore store = create("run");
  EvolutionOptions options = options_of({});
  options.stop.patience = 2;
  options.stop.gain = 1e6;
  RunState state = empty_state({});
  EXPECT_EQ(run(store, state, options).value(), EvolutionEnd::kNoImprovement);
  EXPECT_EQ(store.last_iteration().value(), 2u);
  std::vector<std::string> stats;
  ASSERT_TRUE(store
                  .for_each_iteration([&](std::uint32_t, std::string_view json) -> Status {
                    stats.emplace_back(json);
                    return {};
                  })
                  .ok());
  EXPECT_EQ(stats[1].find("stopped_early"), std::string::npos);
  EXPECT_NE(stats[2].find(R"("stopped_early": "the QD score has not improved)"), std::string::npos)
      << stats[2];
}

}  // namespace
}  // namespace samara
