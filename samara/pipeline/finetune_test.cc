#include "samara/pipeline/finetune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "samara/archive/grid_map.h"
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
    const auto map = std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", 0.0, 10.0}, 10}});
    Result<std::vector<Commit>> commits =
        accepted_diffs(*store_, RunSpec{}, *make_domain(RunSpec{}), map, until, weight);
    SAMARA_CHECK(commits.ok());
    return std::move(commits).value();
  }

  std::filesystem::path folder_;
  std::optional<RunStore> store_;
  std::uint32_t iteration_ = 0;
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

TEST_F(AcceptedDiffsTest, OfLaterIterationsDoNotCount) {
  append("seed", "", 1.0, 0.5);
  append("first", "seed", 2.0, 0.5);
  append("second", "seed", 3.0, 0.5);
  EXPECT_EQ(commits(0).size(), 0U);
  EXPECT_EQ(commits(1).size(), 1U);
  EXPECT_EQ(commits(2).size(), 2U);
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

}  // namespace
}  // namespace samara
