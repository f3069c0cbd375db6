#include "samara/evolve/evolution.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "samara/evolve/fold_log.h"
#include "samara/evolve/internal/toy_world.h"

namespace samara {
namespace {

const std::atomic<bool> kNeverStop{false};

struct Finished {
  Sha256Digest log;
  Sha256Digest archive;
  friend bool operator==(const Finished&, const Finished&) = default;
};

class EvolutionTest : public testing::Test {
 protected:
  EvolutionTest() {
    options_.emitter = {42, 60, 3};
    options_.iterations = 12;
    std::filesystem::remove_all(root_);
  }
  ~EvolutionTest() override { std::filesystem::remove_all(root_); }

  RunStore create(const std::string& name) {
    return RunStore::create(root_ / name, {"toy", {"toy.move", "toy.donor"}, "test"}).value();
  }

  static RunState empty_state() {
    const std::vector<ArmWeight> arms{{"toy.move", 3.0}, {"toy.donor", 1.0}};
    return RunState(toy::niche_map(), ArmMixture::adaptive(arms));
  }

  Result<EvolutionEnd> run(
      RunStore& store, RunState& state, const EvolutionOptions& options,
      const IterationObserver& observe = [](const IterationReport&) {},
      const std::atomic<bool>& stop = kNeverStop) {
    return evolve(store, state, toy::seeds(), options, toy::make_worker, observe, stop);
  }

  Finished finish(const std::string& name, const EvolutionOptions& options) {
    RunStore store = create(name);
    RunState state = empty_state();
    EXPECT_EQ(run(store, state, options).value(), EvolutionEnd::kIterationsDone);
    return {store.digest().value(), state.archive().digest()};
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("evolution_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  EvolutionOptions options_;
};

TEST_F(EvolutionTest, TheLogDoesNotDependOnTheNumberOfWorkers) {
  const Finished one = finish("one", options_);
  for (const unsigned workers : {2u, 7u}) {
    options_.workers = workers;
    EXPECT_EQ(finish(std::to_string(workers), options_), one) << workers << " workers";
  }
}

TEST_F(EvolutionTest, TheLogDependsOnSeedLagAndFamilies) {
  const Finished base = finish("base", options_);
  EvolutionOptions other = options_;
  other.emitter.rng_seed = 43;
  EXPECT_NE(finish("seed", other).log, base.log);
  other = options_;
  other.lag = 0;
  EXPECT_NE(finish("lag", other).log, base.log);
  other = options_;
  other.emitter.children_per_parent = 1;
  EXPECT_NE(finish("families", other).log, base.log);
}

TEST_F(EvolutionTest, StoppingAndResumingAfterAnyIterationChangesNothing) {
  for (const std::uint32_t lag : {0u, 1u, 3u}) {
    options_.lag = lag;
    const Finished whole = finish(fmt::format("whole{}", lag), options_);
    for (const std::uint32_t first_part : {0u, 1u, 2u, 5u, 11u}) {
      const std::string name = fmt::format("parts{}_{}", lag, first_part);
      {
        RunStore store = create(name);
        RunState state = empty_state();
        EvolutionOptions part = options_;
        part.iterations = first_part;
        ASSERT_TRUE(run(store, state, part).ok());
      }
      RunStore store = RunStore::open(root_ / name, Access::kWrite).value();
      RunState state = empty_state();
      ASSERT_TRUE(run(store, state, options_).ok());
      EXPECT_EQ((Finished{store.digest().value(), state.archive().digest()}), whole)
          << "lag " << lag << ", stopped after " << first_part;
    }
  }
}

TEST_F(EvolutionTest, AStopRequestKeepsWhatWasCommitted) {
  const Finished whole = finish("whole", options_);
  RunStore store = create("stopped");
  std::atomic<bool> stop{false};
  {
    RunState state = empty_state();
    const auto observe = [&](const IterationReport& report) { stop = report.iteration == 4; };
    EXPECT_EQ(run(store, state, options_, observe, stop).value(), EvolutionEnd::kStopped);
  }
  EXPECT_EQ(store.last_iteration().value(), 4u);
  RunState state = empty_state();
  ASSERT_TRUE(run(store, state, options_).ok());
  EXPECT_EQ(store.digest().value(), whole.log);
}

TEST_F(EvolutionTest, EveryProposalIsInTheLogOnceAndFoldsToTheSameState) {
  RunStore store = create("run");
  RunState state = empty_state();
  ASSERT_TRUE(run(store, state, options_).ok());
  EXPECT_EQ(state.proposals(), 12u * 60u);

  RunState folded = empty_state();
  ASSERT_TRUE(fold_log(store, folded, {}).ok());
  EXPECT_EQ(folded.archive().digest(), state.archive().digest());
  EXPECT_EQ(folded.outcomes(), state.outcomes());
  EXPECT_EQ(folded.programs_seen(), state.programs_seen());

  std::uint32_t proposals = 0;
  std::unordered_set<ProgramId> seen;
  const auto check = [&](const Record& record, std::uint32_t) -> Status {
    const bool known = record.program && !seen.insert(*record.program).second;
    if (record.iteration == 0) return {};
    EXPECT_EQ(record.slot, proposals++ % 60);
    EXPECT_EQ(record.score.has_value(), is_scored(record.outcome));
    EXPECT_EQ(known, record.outcome == Outcome::kDuplicate || record.outcome == Outcome::kUnchanged);
    return {};
  };
  ASSERT_TRUE(store.for_each_record(check).ok());
  EXPECT_EQ(proposals, 12u * 60u);
}

TEST_F(EvolutionTest, EveryOutcomeOfTheToyWorldOccurs) {
  RunStore store = create("run");
  RunState state = empty_state();
  ASSERT_TRUE(run(store, state, options_).ok());
  for (const Outcome outcome : {Outcome::kAccepted, Outcome::kRejected, Outcome::kDuplicate,
                                Outcome::kUnchanged, Outcome::kNoDiff, Outcome::kSyntaxError}) {
    EXPECT_GT(state.outcomes()[static_cast<std::size_t>(outcome)], 0u) << outcome_name(outcome);
  }
  EXPECT_EQ(state.outcomes()[static_cast<std::size_t>(Outcome::kSyntaxError)], 1u)
      << "a known failure ran again";
}

TEST_F(EvolutionTest, EvolutionImproves) {
  RunStore store = create("run");
  RunState state = empty_state();
  options_.iterations = 60;
  ASSERT_TRUE(run(store, state, options_).ok());
  EXPECT_GT(state.archive().stats().num_elites, 30u);
  EXPECT_GT(*state.archive().stats().obj_max, -1.0);  // the seed's is -12.7
}

TEST_F(EvolutionTest, ABrokenSeedIsAnErrorThatNamesIt) {
  RunStore store = create("run");
  RunState state = empty_state();
  const std::vector<Seed> seeds{{"crooked", "broken"}};
  const auto result = evolve(
      store, state, seeds, options_, toy::make_worker, [](const IterationReport&) {}, kNeverStop);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("'crooked'"), std::string::npos);
}

class FailingWorker : public toy::ToyWorker {
 public:
  MutationOperator& mutation() override { return operator_; }

 private:
  struct Broken : toy::Operator {
    Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
      if (++calls_ > 3) return make_error(ErrorCode::kInternal, "the interpreter is gone");
      return toy::Operator::propose(requests);
    }
    int calls_ = 0;
  };
  Broken operator_;
};

TEST_F(EvolutionTest, AWorkersErrorEndsTheRunAndLeavesItIntact) {
  const Finished whole = finish("whole", options_);
  RunStore store = create("failing");
  {
    RunState state = empty_state();
    const WorkerFactory factory = [] {
      return Result<std::unique_ptr<Worker>>(std::make_unique<FailingWorker>());
    };
    const auto result = evolve(
        store, state, toy::seeds(), options_, factory, [](const IterationReport&) {}, kNeverStop);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "the interpreter is gone");
  }
  RunState state = empty_state();
  ASSERT_TRUE(run(store, state, options_).ok());
  EXPECT_EQ(store.digest().value(), whole.log);
}

}  // namespace
}  // namespace samara
