#include "samara/evolve/context_book.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "samara/archive/grid_map.h"
#include "samara/evolve/run_state.h"

namespace samara {
namespace {

/// A run of two islands, slot 0 on the first and slot 1 on the second, whose iterations a test makes up.
class ContextBookTest : public testing::Test {
 protected:
  ContextBookTest() { std::filesystem::remove_all(folder_); }
  ~ContextBookTest() override { std::filesystem::remove_all(folder_); }

  /// Folds in and stores a program at x = 1 that is the child of another, or a seed.
  ProgramId add(std::uint32_t iteration, std::uint32_t slot, const std::string& source, double fitness,
                std::optional<ProgramId> parent) {
    const Program program(source);
    Record record;
    record.iteration = iteration;
    record.slot = slot;
    record.program = program.id();
    if (parent) record.parents = {*parent};
    record.score = Score{fitness, {1.0}};
    record.outcome = Outcome::kRejected;
    record.note = "made " + source;
    record.outcome = state_.fold(record, program.size()).outcome;
    book_.fold(record, state_);
    state_.end_iteration(iteration);
    const Program* const programs[] = {&program};
    std::vector<Record> records(slot);  // failures in front of it
    for (std::uint32_t i = 0; i < slot; ++i) {
      records[i].iteration = iteration;
      records[i].slot = i;
      records[i].parents = {*parent};
      records[i].outcome = Outcome::kNoDiff;
    }
    records.push_back(record);
    EXPECT_TRUE(store_.append_iteration(iteration, records, programs, "{}").ok());
    return program.id();
  }
  void fail(const ProgramId& parent, const std::string& why) {
    Record record;
    record.iteration = 1;
    record.parents = {parent};
    record.outcome = Outcome::kRuntimeError;
    record.message = why;
    book_.fold(record, state_);
  }
  MutationContext context_of(const ProgramId& parent) {
    return book_.assemble({parent, parent, 0}, 9, 0, state_.archive()).value();
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("context_book_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  RunStore store_ = RunStore::create(folder_, {"toy", {"toy.move"}, "test"}).value();
  RunState state_{std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", 0.0, 10.0}, 10}}),
                  ArmMixture::fixed(std::vector<ArmWeight>{{"toy.move", 1.0}}),
                  0.0,
                  {2, 2}};
  SourceCache sources_{store_};
  ContextBook book_{store_, sources_, 7, {}};
};

TEST_F(ContextBookTest, TellsTheLineageAndTheLatestFailure) {
  const ProgramId seed = add(0, 0, "seed", 1.0, std::nullopt);
  const ProgramId child = add(1, 0, "child", 2.0, seed);
  const ProgramId grandchild = add(2, 0, "grandchild", 3.0, child);
  fail(grandchild, "early");
  fail(grandchild, "late");
  const MutationContext context = context_of(grandchild);
  EXPECT_EQ(context.parent.fitness, 3.0);
  EXPECT_EQ(context.lineage, (std::vector<std::string>{"made child", "made grandchild"}));
  EXPECT_NE(context.last_failure.find("late"), std::string::npos);
  EXPECT_EQ(context_of(child).last_failure, "");
}

TEST_F(ContextBookTest, RemembersFailuresOfParentsThatOnlyAnIslandHas) {
  const ProgramId seed = add(0, 0, "seed", 1.0, std::nullopt);
  const ProgramId better = add(1, 0, "better", 2.0, seed);  // the second island still draws the seed's
  const ProgramId island_only = add(2, 1, "fair", 1.5, seed);
  fail(better, "of the run's elite");
  fail(island_only, "of the island's elite");
  for (int i = 0; i < 3000; ++i) fail(ProgramId::of(fmt::format("gone {}", i)), "forgotten in the end");
  EXPECT_NE(context_of(better).last_failure.find("of the run's elite"), std::string::npos);
  EXPECT_NE(context_of(island_only).last_failure.find("of the island's elite"), std::string::npos);
}

}  // namespace
}  // namespace samara
