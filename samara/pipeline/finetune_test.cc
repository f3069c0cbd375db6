#include "samara/pipeline/finetune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "samara/archive/grid_map.h"
#include "samara/base/file.h"
#include "samara/mutation/region_operator.h"
#include "samara/pipeline/parts.h"

namespace samara {
namespace {

/// A run of one behavior dimension with a log written by hand.
class AcceptedDiffsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("samara-finetune-{}", ::getpid());
    std::filesystem::remove_all(folder_);
    Result<RunStore> store = RunStore::create(folder_, {"", {"diff.change", "gp.constant"}, "test"});
    ASSERT_TRUE(store.ok());
    store_.emplace(std::move(store).value());
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// One iteration with one record; the program is `name`, its parent `parent`.
  void append(const std::string& name, const std::string& parent, double fitness, double behavior,
              std::uint16_t arm = 0, Outcome outcome = Outcome::kAccepted) {
    const Program program(name);
    Record record;
    record.iteration = iteration_++;
    record.arm = arm;
    record.outcome = outcome;
    record.program = program.id();
    if (!parent.empty()) record.parents = {Program(parent).id()};
    if (is_scored(outcome)) record.score = Score{fitness, {behavior}};
    record.note = "Made " + name + ".";
    const Program* programs[] = {&program};
    const Status status = store_->append_iteration(record.iteration, {&record, 1}, programs, "{}");
    ASSERT_TRUE(status.ok()) << status.error().message;
  }

  std::vector<Commit> commits(std::uint32_t until = 1000, DiffWeight weight = DiffWeight::kEqual) {
    return commits_of(RunSpec{}, *make_domain(RunSpec{}), until, weight);
  }
  std::vector<Commit> commits_of(const RunSpec& spec, const Domain& domain, std::uint32_t until = 1000,
                                 DiffWeight weight = DiffWeight::kEqual) {
    const auto map = std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", 0.0, 10.0}, 10}});
    Result<AcceptedDiffs> accepted = accepted_diffs(*store_, spec, domain, map, until, weight);
    SAMARA_CHECK(accepted.ok());
    learned_ = accepted->run;
    return std::move(accepted->commits);
  }

  std::filesystem::path folder_;
  std::optional<RunStore> store_;
  std::uint32_t iteration_ = 0;
  LearnedRun learned_;  ///< what the last call of commits_of() learned from
};

TEST_F(AcceptedDiffsTest, AreWhatTheArchiveTookFromAParent) {
  append("seed", "", 1.0, 0.5);
  append("better", "seed", 2.0, 0.5);
  append("worse", "seed", 0.5, 0.5, 0, Outcome::kRejected);
  append("broken", "seed", 0.0, 0.0, 0, Outcome::kSyntaxError);
  append("elsewhere", "better", 0.1, 5.5);
  const std::vector<Commit> accepted = commits();
  ASSERT_EQ(accepted.size(), 2U);
  EXPECT_EQ(accepted[0].before, "seed");
  EXPECT_EQ(accepted[0].after, "better");
  EXPECT_EQ(accepted[0].message, "Made better.");
  EXPECT_EQ(accepted[1].before, "better");
  EXPECT_EQ(accepted[1].after, "elsewhere");
}

TEST_F(AcceptedDiffsTest, HaveNoCommentLinesUnlessTheModelIsShownThem) {
  append("# seed\nx = 1  # one\n", "", 1.0, 0.5);
  append("# child\nx = 2  # one\n", "# seed\nx = 1  # one\n", 2.0, 0.5);
  ASSERT_EQ(commits().size(), 1U);
  EXPECT_EQ(commits()[0].before, "x = 1  # one\n");
  EXPECT_EQ(commits()[0].after, "x = 2  # one\n");
  RunSpec spec;
  spec.comments = true;
  EXPECT_EQ(commits_of(spec, *make_domain(spec))[0].before, "# seed\nx = 1  # one\n");
}

TEST_F(AcceptedDiffsTest, OfLaterIterationsDoNotCount) {
  append("seed", "", 1.0, 0.5);
  append("first", "seed", 2.0, 0.5);
  append("second", "seed", 3.0, 0.5);
  EXPECT_EQ(commits(0).size(), 0U);
  EXPECT_EQ(commits(1).size(), 1U);
  EXPECT_EQ(commits(2).size(), 2U);
}

TEST_F(AcceptedDiffsTest, AreCountedByTheOperatorThatMadeThem) {
  append("seed", "", 1.0, 0.5);
  append("by gp", "seed", 2.0, 0.5, 1);
  append("by diff", "seed", 3.0, 0.5, 0);
  append("by gp again", "seed", 4.0, 0.5, 1);
  append("worse", "seed", 0.5, 0.5, 1, Outcome::kRejected);
  commits();
  EXPECT_EQ(learned_.commits, (std::map<std::string, std::uint64_t>{{"diff", 1}, {"gp", 2}}));
  EXPECT_EQ(learned_.until, 4U);
  commits(2);
  EXPECT_EQ(learned_.commits, (std::map<std::string, std::uint64_t>{{"diff", 1}, {"gp", 1}}));
  EXPECT_EQ(learned_.until, 2U);
}

TEST_F(AcceptedDiffsTest, NameTheRunThatEndedThere) {
  append("seed", "", 1.0, 0.5);
  append("first", "seed", 2.0, 0.5);
  commits();
  const std::string digest = learned_.digest;
  EXPECT_EQ(digest.size(), 64U);
  append("broken", "seed", 0.0, 0.0, 0, Outcome::kSyntaxError);
  commits(1);
  EXPECT_EQ(learned_.digest, digest) << "what came later does not count";
  commits();
  EXPECT_NE(learned_.digest, digest) << "failures are part of the run";
}

TEST_F(AcceptedDiffsTest, ByGeneticProgrammingGetOneOfTheMessages) {
  append("seed", "", 1.0, 0.5);
  for (int i = 0; i < 60; ++i) append(fmt::format("child {}", i), "seed", 2.0 + i, 0.5, 1);
  std::map<std::string, int> messages;
  for (const Commit& commit : commits()) ++messages[commit.message];
  EXPECT_EQ(messages.size(), 3U);
  EXPECT_GT(messages["Changed make_walker function."], 12) << "it has probability 0.4";
  EXPECT_EQ(commits()[7].message, commits()[7].message);
}

TEST_F(AcceptedDiffsTest, CanWeighByWhatTheArchiveGained) {
  append("seed", "", 1.0, 0.5);
  append("third more", "seed", 2.0, 0.5);
  append("hardly more", "third more", 2.0001, 0.5);
  append("elsewhere", "seed", 0.1, 5.5);
  std::vector<float> weights;
  for (const Commit& commit : commits(1000, DiffWeight::kImpact)) weights.push_back(commit.weight);
  EXPECT_THAT(weights, testing::ElementsAre(testing::FloatNear(1.0F / 3.0F, 1e-6F), 0.05F, 1.0F));
  for (const Commit& commit : commits()) EXPECT_EQ(commit.weight, 1.0F);
}

/// Notes what it is shown.
class Witness : public MutationOperator {
 public:
  explicit Witness(std::set<std::string>& shown) : shown_(shown) {}
  std::span<const std::string> arms() const override { return arms_; }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
    for (const MutationRequest& request : requests) shown_.insert(request.parent->source());
    return std::vector<ProposalResult>(requests.size(), Failure{Outcome::kNoDiff, ""});
  }

 private:
  std::set<std::string>& shown_;
  std::vector<std::string> arms_{"look"};
};

/// What an operator is shown of the program, over many draws.
std::set<std::string> shown_of(const std::string& source) {
  std::set<std::string> shown;
  RegionOperator regions(std::make_unique<Witness>(shown), std::string(kPythonSuffix));
  const Program program(source);
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    MutationRequest request{&program, &program, 0};
    request.rng = Rng(draw);
    SAMARA_CHECK(regions.propose(std::span(&request, 1)).ok());
  }
  return shown;
}

class TaskDiffsTest : public AcceptedDiffsTest {
 protected:
  std::vector<Commit> task_commits() {
    const std::filesystem::path folder = folder_ / "task";
    std::filesystem::create_directories(folder);
    SAMARA_CHECK(write_file(folder / "task.toml", "").ok() &&
                 write_file(folder / "program.py", "x = 1\n").ok() &&
                 write_file(folder / "evaluator.py", "def evaluate(path): return {'score': 1}\n").ok());
    RunSpec spec = task_defaults({});
    spec.task = folder.string();
    return commits_of(spec, *load_domain(spec, folder).value());
  }
};

TEST_F(TaskDiffsTest, ShowOfAProgramWhatTheOperatorIsShown) {
  const auto program = [](const std::string& first, const std::string& second) {
    return "import a\nclass C:\n    # EVOLVE-BLOCK-START\n" + first + "    # EVOLVE-BLOCK-END\nprint(C())\n" +
           "# EVOLVE-BLOCK-START\n" + second + "# EVOLVE-BLOCK-END\n";
  };
  const std::string seed = program("    x = 1\n\n    y = 2\n", "z = 3\n");
  append(seed, "", 1.0, 0.5);
  append(program("    x = 1\n\n    y = 2\n    if x:\n        y = 4\n", "z = 3\n"), seed, 2.0, 0.5);
  append(program("    x = 5\n\n    y = 2\n", "z = 6\n"), seed, 3.0, 0.5);
  append(program("  x = 1\n", "z = 3\n"), seed, 4.0, 0.5);  // an edit that the operator could not make
  const std::vector<Commit> accepted = task_commits();
  ASSERT_EQ(accepted.size(), 3U);
  EXPECT_EQ(accepted[0].before, "x = 1\n\ny = 2\n");
  EXPECT_EQ(accepted[0].after, "x = 1\n\ny = 2\nif x:\n    y = 4\n");
  EXPECT_EQ(accepted[1].after, "x = 5\n\ny = 2\n");
  EXPECT_EQ(accepted[2].before, "z = 3\n");
  EXPECT_EQ(accepted[2].after, "z = 6\n");
  EXPECT_EQ(accepted[1].message, accepted[2].message);
  EXPECT_EQ(shown_of(seed), (std::set<std::string>{accepted[0].before, accepted[2].before}));
}

TEST_F(TaskDiffsTest, ShowOfSeveralFilesTheOneThatChanged) {
  const auto program = [](const std::string& a, const std::string& b, const std::string& c) {
    return "=== a.py ===\n" + a + "=== b.c ===\n" + b + "=== c.py ===\n" + c;
  };
  const std::string seed = program("x = 1\n", "int x;\n", "y = 1\n");
  append(seed, "", 1.0, 0.5);
  append(program("x = 1\n", "int x;\n", "y = 2\n"), seed, 2.0, 0.5);
  append(program("x = 1\n", "int y;\n", "y = 1\n"), seed, 3.0, 0.5);  // not Python
  const std::vector<Commit> accepted = task_commits();
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0].before, "y = 1\n");
  EXPECT_EQ(accepted[0].after, "y = 2\n");
  EXPECT_EQ(shown_of(seed), (std::set<std::string>{"x = 1\n", "y = 1\n"}));
}

TEST_F(TaskDiffsTest, ShowAnUnmarkedProgramWhole) {
  append("x = 1\ny = 2\n", "", 1.0, 0.5);
  append("x = 1\ny = 3\n", "x = 1\ny = 2\n", 2.0, 0.5);
  const std::vector<Commit> accepted = task_commits();
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0].before, "x = 1\ny = 2\n");
  EXPECT_EQ(accepted[0].after, "x = 1\ny = 3\n");
}

}  // namespace
}  // namespace samara
