#include "samara/bugfix/benchmark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "samara/bugfix/judge.h"

namespace samara::bugfix {
namespace {

using ::testing::HasSubstr;

Task double_task(const std::string& name) {
  Result<Task> task = parse_task({"test",
                                  {{"task.toml", "function = \"double\"\nmessage = \"Repair it.\"\n"},
                                   {"correct.py", "def double(x):\n    return x * 2\n"},
                                   {"buggy_1.py", "def double(x):\n    return x * 3\n"},
                                   {"buggy_2.py", "def double(x):\n    return y * 3\n"},
                                   {"cases.json", "[{\"args\": [1], \"expected\": 2}]"}}});
  EXPECT_TRUE(task.ok()) << task.error().message;
  task->name = name;
  task->group = name;
  return std::move(task).value();
}

/// Proposes one of a few programs, drawn from the request's stream; its two arms draw from different ones.
class Guesser : public MutationOperator {
 public:
  std::span<const std::string> arms() const override { return arms_; }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
    std::vector<ProposalResult> results;
    for (const MutationRequest& request : requests) {
      Rng rng = request.rng;
      if (request.arm == 1) {
        results.emplace_back(Failure{Outcome::kNoDiff, "nothing"});
        continue;
      }
      const std::string candidates[] = {"def double(x):\n    return x * 2\n",
                                        "def double(x):\n    return x + 9\n",
                                        "def double(x):\n    return z\n", request.parent->source()};
      results.emplace_back(Proposal{candidates[rng.below(4)], "a guess"});
    }
    return results;
  }

 private:
  std::vector<std::string> arms_{"guess", "give up"};
};

Contender guesser(const std::string& name, std::vector<double> weights) {
  Contender contender;
  contender.name = name;
  contender.start = [weights](PythonRunner&, std::size_t) -> Result<OperatorMaker> {
    return OperatorMaker([weights](const Hint& hint) -> Result<ArmedOperator> {
      EXPECT_EQ(hint.message, "Repair it.");
      return ArmedOperator{std::make_unique<Guesser>(), weights};
    });
  };
  return contender;
}

Result<BenchmarkReport> run(const std::vector<Task>& tasks, const std::vector<Contender>& contenders,
                            const BenchmarkOptions& options, bool stopped = false) {
  const std::atomic<bool> stop{stopped};
  return run_benchmark(
      tasks, contenders, options, [](const BenchmarkProgress&) {}, stop);
}

std::vector<Tally> tallies(const std::vector<Task>& tasks, const std::vector<Contender>& contenders,
                           const BenchmarkOptions& options) {
  const Result<BenchmarkReport> report = run(tasks, contenders, options);
  EXPECT_TRUE(report.ok()) << report.error().message;
  std::vector<Tally> found;
  for (const Cell& cell : report->cells) found.push_back(cell.tally);
  return found;
}

TEST(BenchmarkTest, CountsWhatBecameOfEachTrial) {
  const std::vector<Task> tasks{double_task("a")};
  const std::vector<Contender> contenders{guesser("g", {3.0, 1.0})};
  const Result<BenchmarkReport> report = run(tasks, contenders, {.trials = 4000, .workers = 2});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->stopped);
  ASSERT_EQ(report->cells.size(), 2U);
  for (const Cell& cell : report->cells) {
    const Tally& tally = cell.tally;
    EXPECT_EQ(tally.trials, 4000U);
    // Three quarters have a text; of these each of the four guesses is a quarter. Five standard deviations.
    EXPECT_NEAR(static_cast<double>(tally.valid), 3000.0, 137.0);
    EXPECT_NEAR(static_cast<double>(tally.changed), 2250.0, 157.0);
    EXPECT_NEAR(static_cast<double>(tally.solved), 750.0, 123.0);
    // With two bugs the parent itself does not run.
    EXPECT_NEAR(static_cast<double>(tally.runnable), cell.bugs == 1 ? 2250.0 : 1500.0, 158.0);
  }
}

TEST(BenchmarkTest, ResultsAreAFunctionOfTheSeedAlone) {
  const std::vector<Task> tasks{double_task("a"), double_task("b")};
  const std::vector<Contender> contenders{guesser("g", {1.0, 1.0}), guesser("h", {1.0, 0.0})};
  const std::vector<Tally> one = tallies(tasks, contenders, {.seed = 5, .trials = 700, .workers = 1});
  EXPECT_EQ(one, tallies(tasks, contenders, {.seed = 5, .trials = 700, .workers = 3}));
  EXPECT_NE(one, tallies(tasks, contenders, {.seed = 6, .trials = 700, .workers = 1}));
  // Streams of different cells are different.
  std::set<std::uint64_t> different;
  for (const Tally& tally : one) different.insert(tally.solved);
  EXPECT_GT(different.size(), 4U);
}

TEST(BenchmarkTest, ACellDoesNotDependOnTheOthers) {
  const std::vector<Tally> both =
      tallies({double_task("a"), double_task("b")}, {guesser("g", {1.0, 1.0}), guesser("h", {2.0, 1.0})},
              {.trials = 300, .workers = 2});
  const std::vector<Tally> alone =
      tallies({double_task("b")}, {guesser("h", {2.0, 1.0})}, {.trials = 300, .workers = 2});
  ASSERT_EQ(both.size(), 8U);
  ASSERT_EQ(alone.size(), 2U);
  EXPECT_EQ(alone[0], both[5]);
  EXPECT_EQ(alone[1], both[7]);
}

TEST(BenchmarkTest, AFamilyHasItsOwnNumberOfTrials) {
  std::vector<Task> tasks{double_task("a"), double_task("b"), double_task("c")};
  tasks[1].group = tasks[2].group = "family";
  Contender contender = guesser("g", {1.0, 0.0});
  contender.trials = 40;
  contender.trials_in_family = 10;
  const std::vector<Tally> found = tallies(tasks, {contender}, {.workers = 1});
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found[0].trials, 40U);
  EXPECT_EQ(found[2].trials, 10U);
  EXPECT_EQ(found[5].trials, 10U);
}

TEST(BenchmarkTest, StoppedEarlyItReportsWhatIsThere) {
  const Result<BenchmarkReport> report =
      run({double_task("a")}, {guesser("g", {1.0, 0.0})}, {.trials = 100}, true);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->stopped);
  EXPECT_EQ(report->cells[0].tally, Tally{});
}

TEST(BenchmarkTest, ErrorsOfTasksAndContendersEndIt) {
  std::vector<Task> tasks{double_task("a")};
  std::swap(tasks[0].correct, tasks[0].buggy[0]);
  EXPECT_THAT(run(tasks, {guesser("g", {1.0, 0.0})}, {}).error().message, HasSubstr("task a: "));

  Contender broken = guesser("g", {1.0, 0.0});
  broken.start = [](PythonRunner&, std::size_t) -> Result<OperatorMaker> {
    return OperatorMaker([](const Hint&) -> Result<ArmedOperator> {
      return make_error(ErrorCode::kUnsupported, "no such device");
    });
  };
  const Result<BenchmarkReport> report = run({double_task("a")}, {broken}, {.trials = 5000, .workers = 2});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message, "no such device");
}

}  // namespace
}  // namespace samara::bugfix
