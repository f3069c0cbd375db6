#include "samara/store/reply_journal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

namespace samara {
namespace {

class ReplyJournalTest : public testing::Test {
 protected:
  ReplyJournalTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~ReplyJournalTest() override { std::filesystem::remove_all(root_); }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) /
      ("journal_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

RecordedReply reply(std::uint32_t iteration, std::uint32_t slot, std::uint32_t attempt = 0) {
  RecordedReply reply;
  reply.iteration = iteration;
  reply.slot = slot;
  reply.attempt = attempt;
  reply.model = slot % 2 == 0 ? "even" : "odd";
  reply.arm = "prompt.diff";
  reply.request = sha256("request");
  reply.subject = sha256("subject");
  reply.text = "héllo\n" + std::string(1000, 'x') + std::string("\0y", 2);
  reply.served_model = "even-1";
  reply.finish_reason = "stop";
  reply.prompt_tokens = 100;
  reply.completion_tokens = 10 + slot;
  reply.cost = 0.25;
  return reply;
}

TEST_F(ReplyJournalTest, WhatIsAddedIsFoundAlsoByAnotherReader) {
  const auto journal = ReplyJournal::open(root_, Access::kWrite).value();
  ASSERT_TRUE(journal->add(reply(1, 2)).ok());
  ASSERT_TRUE(journal->add(reply(1, 2, 1)).ok());
  EXPECT_EQ(*journal->find(1, 2, 0).value(), reply(1, 2));
  EXPECT_FALSE(journal->find(1, 3, 0).value());
  const auto reader = ReplyJournal::open(root_, Access::kRead).value();
  EXPECT_EQ(*reader->find(1, 2, 1).value(), reply(1, 2, 1));
  EXPECT_EQ(reader->size().value(), 2u);
}

TEST_F(ReplyJournalTest, TheLedgerAddsRepliesAndFailures) {
  const auto journal = ReplyJournal::open(root_, Access::kWrite).value();
  ASSERT_TRUE(journal->add(reply(1, 0)).ok());
  ASSERT_TRUE(journal->add(reply(1, 2)).ok());
  ASSERT_TRUE(journal->add(reply(1, 1)).ok());
  const LedgerLine failed{"even", "prompt.diff", 1, 1, 5, 6, 0.125};
  ASSERT_TRUE(journal->add_failure(failed).ok());
  ASSERT_TRUE(journal->add_failure(failed).ok());
  const std::vector<LedgerLine> expected = {{"even", "prompt.diff", 4, 2, 210, 34, 0.75},
                                            {"odd", "prompt.diff", 1, 0, 100, 11, 0.25}};
  EXPECT_EQ(journal->ledger().value(), expected);
}

TEST_F(ReplyJournalTest, ARefusalIsNoRequestOfItsOwn) {
  const auto journal = ReplyJournal::open(root_, Access::kWrite).value();
  RecordedReply refused = reply(1, 0);
  refused.refused = true;
  ASSERT_TRUE(journal->add(refused).ok());
  EXPECT_TRUE(journal->find(1, 0, 0).value()->refused);
  EXPECT_TRUE(journal->ledger().value().empty()) << "its call was counted as a failure already";
}

TEST_F(ReplyJournalTest, SlotsCostWhatTheirAttemptsCost) {
  const auto journal = ReplyJournal::open(root_, Access::kWrite).value();
  for (const auto& [iteration, slot, attempt] :
       {std::tuple(1u, 0u, 0u), {1u, 0u, 1u}, {1u, 1u, 0u}, {3u, 0u, 0u}}) {
    ASSERT_TRUE(journal->add(reply(iteration, slot, attempt)).ok());
  }
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::string, double>> seen;
  ASSERT_TRUE(journal
                  ->for_each_slot(1, 2,
                                  [&](const ReplyJournal::SlotCost& slot) {
                                    seen.emplace_back(slot.iteration, slot.slot, slot.model, slot.cost);
                                  })
                  .ok());
  const decltype(seen) expected = {{1, 0, "even", 0.5}, {1, 1, "odd", 0.25}};
  EXPECT_EQ(seen, expected);
}

TEST_F(ReplyJournalTest, ACopyIsWhole) {
  std::filesystem::create_directories(root_ / "a");
  std::filesystem::create_directories(root_ / "b");
  const auto journal = ReplyJournal::open(root_ / "a", Access::kWrite).value();
  ASSERT_TRUE(journal->add(reply(1, 0)).ok());
  const Status copied = ReplyJournal::copy(root_ / "a", root_ / "b");
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  const auto copy = ReplyJournal::open(root_ / "b", Access::kWrite).value();
  EXPECT_EQ(*copy->find(1, 0, 0).value(), reply(1, 0));
  ASSERT_TRUE(copy->add(reply(1, 1)).ok());
  EXPECT_EQ(journal->size().value(), 1u);
}

TEST_F(ReplyJournalTest, WhatIsMissingOrForeignIsAnError) {
  EXPECT_EQ(ReplyJournal::open(root_, Access::kRead).error().code, ErrorCode::kNotFound);
  std::ofstream(root_ / "replies.db") << "this is not a database, but long enough to be looked at as one";
  EXPECT_FALSE(ReplyJournal::open(root_, Access::kRead).ok());
  EXPECT_FALSE(ReplyJournal::open(root_, Access::kWrite).ok());
}

}  // namespace
}  // namespace samara
