#include "samara/endpoint/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samara/endpoint/internal/verdict.h"

namespace samara::endpoint {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Question question() {
  Question question;
  question.model = "m";
  question.messages = {{"system", "be good"}, {"user", "héllo"}};
  question.seed = 7;
  return question;
}

std::string fault(std::string_view body) {
  const Result<Answer> answer = read_answer(body, question());
  return answer.ok() ? "an answer: " + answer->text : answer.error().message;
}

TEST(ProtocolTest, ChatsAndCompletionsSayTheSame) {
  Sampling sampling;
  const Json chat = Json::parse(request_json(question(), sampling, false));
  EXPECT_EQ(chat["messages"][1]["content"], "héllo");
  EXPECT_EQ(chat["seed"], 7);
  EXPECT_FALSE(chat.contains("stream"));
  sampling.protocol = Protocol::kCompletions;
  const Json completion = Json::parse(request_json(question(), sampling, true));
  EXPECT_EQ(completion["prompt"], "be good\n\nhéllo\n\n");
  EXPECT_EQ(completion["stream"], true);
}

TEST(ProtocolTest, AReplyThatContinuesGoesOnInTheLine) {
  Question open = question();
  open.continues = true;
  Sampling sampling;
  sampling.protocol = Protocol::kCompletions;
  EXPECT_EQ(Json::parse(request_json(open, sampling, false))["prompt"], "be good\n\nhéllo");
}

TEST(ProtocolTest, TheBodyIsMergedAndNullRemoves) {
  Sampling sampling;
  sampling.body = R"({"max_tokens": null, "max_completion_tokens": 5, "top_p": 0.5})";
  ASSERT_TRUE(check(sampling).ok());
  const Json body = Json::parse(request_json(question(), sampling, false));
  EXPECT_FALSE(body.contains("max_tokens"));
  EXPECT_EQ(body["max_completion_tokens"], 5);
  sampling.body = "[1]";
  EXPECT_FALSE(check(sampling).ok());
  sampling.body = "{";
  EXPECT_FALSE(check(sampling).ok());
}

TEST(ProtocolTest, AnswersAreReadFromChatsAndCompletions) {
  const Result<Answer> chat = read_answer(
      R"({"model": "m-1", "choices": [{"message": {"content": "yes"}, "finish_reason": "length"}],
          "usage": {"prompt_tokens": 10, "completion_tokens": 3}})",
      question());
  ASSERT_TRUE(chat.ok());
  EXPECT_EQ(chat->text, "yes");
  EXPECT_EQ(chat->finish_reason, "length");
  EXPECT_EQ(chat->served_model, "m-1");
  EXPECT_EQ(chat->prompt_tokens, 10u);
  EXPECT_TRUE(chat->counted);
  const Result<Answer> plain = read_answer(R"({"choices": [{"text": "no"}]})", question());
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->text, "no");
  EXPECT_FALSE(plain->counted);
  EXPECT_GT(plain->prompt_tokens, 0u);
}

TEST(ProtocolTest, WhatIsNoAnswerSaysWhatCame) {
  EXPECT_THAT(fault(""), HasSubstr("empty"));
  EXPECT_THAT(fault("<html>"), HasSubstr("not valid JSON: '<html>'"));
  EXPECT_THAT(fault("{\"choices\": [{\"text\": \"\xff\"}]}"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(fault(R"({"choices": [{"text": "\ud800"}]})"), HasSubstr("not valid JSON"));
  EXPECT_THAT(fault(R"({"error": {"message": "overloaded"}})"), HasSubstr("overloaded"));
  for (const char* body : {"[]", "null", "1", "{}", R"({"choices": []})", R"({"choices": 3})",
                           R"({"choices": [3]})", R"({"choices": [{}]})"}) {
    EXPECT_THAT(fault(body), HasSubstr("the answer")) << body;
  }
}

TEST(ProtocolTest, OddAnswersAreEmptyTextsNotCrashes) {
  for (const char* body :
       {R"({"choices": [{"message": null}]})", R"({"choices": [{"message": {"content": null}}]})",
        R"({"choices": [{"text": 5}], "usage": "lots", "model": 7})"}) {
    EXPECT_EQ(fault(body), "an answer: ") << body;
  }
}

TEST(ProtocolTest, CountsThatNoAnswerHasCannotTurnABudgetOver) {
  const Result<Answer> answer = read_answer(
      R"({"choices": [{"text": "x"}],
          "usage": {"prompt_tokens": 18446744073709551615, "completion_tokens": 18446744073709551615}})",
      question());
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->counted);
  EXPECT_GT(answer->prompt_tokens + answer->completion_tokens, std::uint64_t{1} << 40);
  EXPECT_LT(answer->prompt_tokens + answer->completion_tokens, std::uint64_t{1} << 50);
}

TEST(ProtocolTest, HashesTellQuestionsApart) {
  const Question base = question();
  Question other = base;
  other.messages[1].text += "!";
  EXPECT_NE(request_hash(other), request_hash(base));
  EXPECT_EQ(subject_hash(other), subject_hash(base));
  other = base;
  other.seed = 8;
  EXPECT_NE(subject_hash(other), subject_hash(base));
}

TEST(StreamedAnswerTest, PiecesAreJoined) {
  StreamedAnswer streamed;
  EXPECT_TRUE(
      streamed.take(R"({"choices": [{"delta": {"role": "assistant", "content": "a"}}], "model": "m"})"));
  EXPECT_TRUE(streamed.take(R"({"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]})"));
  EXPECT_TRUE(streamed.take(R"({"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}})"));
  EXPECT_FALSE(streamed.take("[DONE]"));
  const Result<Answer> answer = streamed.finish(question());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "ab");
  EXPECT_EQ(answer->completion_tokens, 2u);
}

TEST(StreamedAnswerTest, AStreamWithoutEndIsNoAnswer) {
  StreamedAnswer cut;
  cut.take(R"({"choices": [{"delta": {"content": "half"}}]})");
  EXPECT_THAT(cut.finish(question()).error().message, HasSubstr("cut off after 4 bytes"));
  StreamedAnswer broken;
  EXPECT_FALSE(broken.take("{\"choices\": [{\"delta\": {\"content\": \"\xff\"}}]}"));
  EXPECT_FALSE(broken.finish(question()).ok());
  StreamedAnswer failed;
  EXPECT_FALSE(failed.take(R"({"error": {"message": "out of memory"}})"));
  EXPECT_THAT(failed.finish(question()).error().message, HasSubstr("out of memory"));
}

TEST(RetryAfterTest, SecondsAndDates) {
  using internal::retry_after;
  EXPECT_EQ(retry_after("12"), 12.0);
  EXPECT_EQ(retry_after("0.5"), 0.5);
  EXPECT_EQ(retry_after("999999999"), 3600.0);
  EXPECT_EQ(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), 0.0);
  for (const char* nonsense : {"", "soon", "-3", "nan", "12 s"})
    EXPECT_FALSE(retry_after(nonsense)) << nonsense;
}

}  // namespace
}  // namespace samara::endpoint
