#include "samara/mutation/prompt/prompt_operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "samara/mutation/prompt/model_choice.h"

namespace samara::prompt {
namespace {

using testing::HasSubstr;

const std::string kParent = "def f():\n    a = 1\n    b = 2\n    return a + b\n";

ReadReply read(std::string_view reply, bool cut_off = false) {
  return read_reply(kParent, reply, cut_off, 1000);
}

const Proposal& proposal(const ReadReply& reply) {
  EXPECT_TRUE(std::holds_alternative<Proposal>(reply.result)) << reply.reason;
  return std::get<Proposal>(reply.result);
}

Failure failure(const ReadReply& reply) {
  EXPECT_TRUE(std::holds_alternative<Failure>(reply.result));
  return std::get<Failure>(reply.result);
}

TEST(ReadReplyTest, EditsAndProgramsAreReadAndTheProseIsTheNote) {
  const ReadReply edit =
      read("I raise b.\n\n<<<<<<< SEARCH\n    b = 2\n=======\n    b = 3\n>>>>>>> REPLACE\n");
  EXPECT_THAT(proposal(edit).source, HasSubstr("b = 3"));
  EXPECT_EQ(proposal(edit).note, "I raise b.");
  const ReadReply program = read("```python\ndef f():\n    return 4\n```");
  EXPECT_EQ(proposal(program).source, "def f():\n    return 4\n");
  EXPECT_EQ(proposal(program).note, "rewritten");
  EXPECT_THAT(proposal(read("@@ @@\n-    b = 2\n+    b = 5\n")).source, HasSubstr("b = 5"));
}

TEST(ReadReplyTest, ThoughtsAreNoPartOfTheReply) {
  const ReadReply reply = read("<think>```python\nx = 0\n```\nno, better:</think>\n```python\nx = 1\n```");
  EXPECT_EQ(proposal(reply).source, "x = 1\n");
}

TEST(ReadReplyTest, ThoughtsThatWereCutOffAreNoReply) {
  const ReadReply reply = read("<think>\nperhaps\n```python\nx = 0\n```\nbut", true);
  EXPECT_EQ(failure(reply).outcome, Outcome::kNoDiff);
  EXPECT_THAT(reply.reason, HasSubstr("cut off at the limit of tokens"));
}

TEST(ReadReplyTest, WhatCannotBeUsedSaysWhy) {
  EXPECT_EQ(failure(read("I cannot help with that.")).outcome, Outcome::kNoDiff);
  EXPECT_EQ(failure(read("")).outcome, Outcome::kNoDiff);
  const ReadReply nowhere =
      read("<<<<<<< SEARCH\n    nothing like this at all\n=======\n    x\n>>>>>>> REPLACE\n");
  EXPECT_EQ(failure(nowhere).outcome, Outcome::kDiffDoesNotApply);
  EXPECT_FALSE(nowhere.reason.empty());
  EXPECT_THAT(read("I cannot.", true).reason, HasSubstr("cut off at the limit of tokens"));
  const ReadReply large = read("```python\nx = '" + std::string(2000, 'x') + "'\n```");
  EXPECT_EQ(failure(large).outcome, Outcome::kDiffDoesNotApply);
  EXPECT_THAT(large.reason, HasSubstr("1000 are allowed"));
}

TEST(ReadReplyTest, AnAmbiguousEditIsRefused) {
  const std::string parent = "a = 1\nb = 2\na = 1\n";
  const ReadReply reply =
      read_reply(parent, "<<<<<<< SEARCH\na = 1\n=======\na = 3\n>>>>>>> REPLACE\n", false, 1000);
  EXPECT_EQ(failure(reply).outcome, Outcome::kDiffDoesNotApply);
}

TEST(ReadReplyTest, AProgramThatIsItsParentButForTheEndIsItsParent) {
  const std::string parent = "x = 1";
  const ReadReply reply = read_reply(parent, "```python\nx = 1\n\n```", false, 1000);
  EXPECT_EQ(proposal(reply).source, parent);
  EXPECT_THAT(reply.reason, HasSubstr("changes nothing"));
  EXPECT_EQ(read_reply(parent, "```python\nx = 2\n```", false, 1000).reason, "");
}

TEST(HasCodeTest, EditsAndProgramsAreCodeWhetherTheyApplyOrNot) {
  const auto code = [](const std::string& text, bool continues = false) {
    endpoint::Question question;
    question.continues = continues;
    endpoint::Answer answer;
    answer.text = text;
    return has_code(question, answer);
  };
  EXPECT_TRUE(code("Sure.\n```python\nx = 1\n```"));
  EXPECT_TRUE(code("<<<<<<< SEARCH\nnowhere\n=======\nx\n>>>>>>> REPLACE\n"));
  EXPECT_TRUE(code("@@ -1,2 +1,2 @@\n-nowhere\n+x\n"));
  EXPECT_FALSE(code("I cannot help with that."));
  EXPECT_FALSE(code(""));
  EXPECT_FALSE(code("<think>```python\nx = 1\n```"));
  EXPECT_TRUE(code("x):\n    return x", true));
  EXPECT_FALSE(code(" \n", true));
}

TEST(ModelChoiceTest, FixedWeightsStay) {
  const std::vector<ModelOption> models = {{"a", 3.0, {}}, {"b", 1.0, {}}};
  ModelChoice choice = ModelChoice::fixed(models);
  choice.fold(1, 5.0, true);
  EXPECT_EQ(choice.probabilities(), (std::vector<double>{0.75, 0.25}));
}

TEST(ModelChoiceTest, TheBanditFollowsAcceptancesPerCost) {
  const std::vector<ModelOption> models = {{"cheap", 1.0, {1.0, 1.0}}, {"dear", 1.0, {20.0, 20.0}}};
  ModelChoice choice = ModelChoice::bandit(models);
  for (int i = 0; i < 500; ++i) {
    choice.fold(0, 0.001, i % 10 == 0);
    choice.fold(1, 0.020, i % 5 == 0);  // twice as good, twenty times the price
  }
  EXPECT_GT(choice.probabilities()[0], 0.7);
  EXPECT_GE(choice.probabilities()[1], 0.1) << "the floor";
  EXPECT_NEAR(choice.probabilities()[0] + choice.probabilities()[1], 1.0, 1e-12);
}

TEST(ModelChoiceTest, FreeModelsAreWeighedByAcceptancesAlone) {
  const std::vector<ModelOption> models = {{"a", 1.0, {}}, {"b", 1.0, {}}};
  ModelChoice choice = ModelChoice::bandit(models);
  for (int i = 0; i < 500; ++i) {
    choice.fold(0, 0.0, i % 10 == 0);
    choice.fold(1, 0.0, i % 2 == 0);
  }
  EXPECT_GT(choice.probabilities()[1], 0.6);
}

/// A journal with answers in it, and an operator that finds them there: a replay.
class PromptOperatorTest : public testing::Test {
 protected:
  PromptOperatorTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.arms.push_back(
        {"prompt.diff", PromptForm::parse("{{program}}\n{{fitness}} {{error}}", "d.txt").value()});
    options_.arms.push_back(
        {"prompt.cross",
         PromptForm::parse("{{program}}{{#donor}} with {{program}}{{/donor}}", "c.txt").value()});
    options_.retry = PromptForm::parse("no: {{reason}}", "r.txt").value();
  }
  ~PromptOperatorTest() override { std::filesystem::remove_all(folder_); }

  MutationRequest request(std::size_t arm, std::uint32_t slot) {
    MutationRequest request;
    request.parent = parent_.get();
    request.donor = donor_.get();
    request.arm = arm;
    request.iteration = 1;
    request.slot = slot;
    request.rng = Rng(1, 1, slot, Stream::kMutate);
    context_.parent = {parent_, 1.5, {}, nullptr};
    context_.donor = {donor_, 2.5, {}, nullptr};
    request.context = &context_;
    return request;
  }

  /// Records an answer to what the operator will ask.
  void record(const MutationRequest& request, std::uint32_t attempt, const std::string& text) {
    Rng rng = request.rng;
    endpoint::Question question;
    question.arm = options_.arms[request.arm].name;
    question.model = "m";
    question.seed = rng.next_u32() >> 1;
    if (attempt == 1) question.seed = rng.next_u32() >> 1;
    question.subject = request.parent->id().hex() + request.donor->id().hex();
    RecordedReply reply;
    reply.iteration = request.iteration;
    reply.slot = request.slot;
    reply.attempt = attempt;
    reply.model = "m";
    reply.subject = subject_hash(question);
    reply.text = text;
    const auto journal = ReplyJournal::open(folder_, Access::kWrite).value();
    ASSERT_TRUE(journal->add(reply).ok());
  }

  Result<std::vector<ProposalResult>> propose(std::vector<MutationRequest> requests) {
    std::shared_ptr<Correspondence> correspondence =
        std::move(Correspondence::open(folder_, {}, stop_)).value();
    PromptOperator prompt(
        correspondence, [](std::uint32_t, Rng&) { return std::string("m"); }, options_);
    return prompt.propose(requests);
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("prompt_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  const std::shared_ptr<const Program> parent_ = std::make_shared<const Program>(kParent);
  const std::shared_ptr<const Program> donor_ = std::make_shared<const Program>("def g():\n    return 0\n");
  const std::atomic<bool> stop_{false};
  MutationContext context_;
  PromptOptions options_;
};

TEST_F(PromptOperatorTest, ProposalsComeFromTheRecordedRepliesInOrder) {
  record(request(0, 0), 0, "```python\na = 0\n```");
  record(request(1, 1), 0, "```python\na = 1\n```");
  const auto results = propose({request(1, 1), request(0, 0)});
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(std::get<Proposal>((*results)[0]).source, "a = 1\n");
  EXPECT_TRUE(std::get<Proposal>((*results)[0]).used_donor);
  EXPECT_EQ(std::get<Proposal>((*results)[1]).source, "a = 0\n");
  EXPECT_FALSE(std::get<Proposal>((*results)[1]).used_donor);
}

TEST_F(PromptOperatorTest, AReplyThatDoesNotApplyGetsASecondAttemptAndNoThird) {
  record(request(0, 0), 0, "sorry");
  record(request(0, 0), 1, "```python\na = 2\n```");
  record(request(0, 1), 0, "sorry");
  record(request(0, 1), 1, "sorry again");
  const auto results = propose({request(0, 0), request(0, 1)});
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(std::get<Proposal>((*results)[0]).source, "a = 2\n");
  EXPECT_EQ(std::get<Failure>((*results)[1]).outcome, Outcome::kNoDiff);
}

TEST_F(PromptOperatorTest, AProgramThatIsItsParentOrForbiddenGetsASecondAttemptToo) {
  options_.forbidden = [](std::string_view program) -> std::optional<std::string> {
    if (program.find("import") == std::string_view::npos) return std::nullopt;
    return "adds line 1 outside of what may change";
  };
  const std::string same = "```python\n" + kParent + "```", outside = "```python\nimport os\n```";
  record(request(0, 0), 0, same);
  record(request(0, 0), 1, "```python\na = 2\n```");
  record(request(0, 1), 0, outside);
  record(request(0, 1), 1, "```python\na = 3\n```");
  record(request(0, 2), 0, outside);
  record(request(0, 2), 1, same);
  const auto results = propose({request(0, 0), request(0, 1), request(0, 2)});
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(std::get<Proposal>((*results)[0]).source, "a = 2\n");
  EXPECT_EQ(std::get<Proposal>((*results)[1]).source, "a = 3\n");
  EXPECT_EQ(std::get<Proposal>((*results)[2]).source, kParent) << "there is no third";
}

TEST_F(PromptOperatorTest, AMissingOrForeignReplyIsAnErrorThatNamesIt) {
  EXPECT_THAT(propose({request(0, 7)}).error().message, HasSubstr("iteration 1, slot 7, attempt 1"));
  MutationRequest other = request(0, 8);
  other.rng = Rng(2);
  record(other, 0, "x");
  EXPECT_EQ(propose({request(0, 8)}).error().code, ErrorCode::kInvalidData);
}

TEST_F(PromptOperatorTest, WithoutRetriesTheFirstReplyDecides) {
  options_.retries = false;
  record(request(0, 0), 0, "sorry");
  const auto results = propose({request(0, 0)});
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(std::get<Failure>((*results)[0]).outcome, Outcome::kNoDiff);
}

}  // namespace
}  // namespace samara::prompt
