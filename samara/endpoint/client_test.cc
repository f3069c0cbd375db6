#include "samara/endpoint/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "samara/base/clock.h"
#include "samara/net/http_server.h"

namespace samara::endpoint {
namespace {

using testing::HasSubstr;

/// An endpoint whose answers a test decides, and a client of it.
class ClientTest : public testing::Test, protected CallListener {
 protected:
  void SetUp() override {
    HttpServerOptions options;
    options.max_connections = 64;
    server_ = std::move(HttpServer::bind(
                            options, [this](const HttpRequest& request) { return handle(request); },
                            [](int status) { return bad(status, "refused"); }))
                  .value();
    thread_ = std::thread([this] { server_->run(); });
    client_options_.url = fmt::format("http://127.0.0.1:{}/v1/", server_->port());
    client_options_.first_pause_seconds = 0.02;
    client_options_.max_pause_seconds = 0.1;
    client_options_.sampling.max_tokens = 100;
  }
  void TearDown() override {
    server_->stop();
    thread_.join();
  }

  HttpResponse handle(const HttpRequest& request) {
    const int number = ++requests_;
    {
      const std::lock_guard lock(mutex_);
      authorization_ = request.header("authorization");
    }
    return answer_(number, nlohmann::json::parse(request.body));
  }
  static HttpResponse good(const std::string& text) {
    const nlohmann::json body = {{"choices", {{{"message", {{"content", text}}}}}},
                                 {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}}}};
    HttpResponse response;
    response.body = body.dump();
    return response;
  }
  static HttpResponse bad(int status, const std::string& message) {
    HttpResponse response;
    response.status = status;
    response.body = nlohmann::json{{"error", {{"message", message}}}}.dump();
    return response;
  }

  std::vector<Question> questions(std::size_t count) const {
    std::vector<Question> questions(count);
    for (std::size_t i = 0; i < count; ++i) {
      questions[i].key.slot = static_cast<std::uint32_t>(i);
      questions[i].model = asked_model_;
      questions[i].messages = {{"user", fmt::format("question {}", i)}};
    }
    return questions;
  }
  static std::string text_of(const nlohmann::json& body) { return body["messages"][0]["content"]; }

  Result<std::vector<Answer>> ask(std::size_t count, const Budget& budget = {}) {
    Account account(budget);
    const auto observe = [this](const Notice& notice) {
      const std::lock_guard lock(mutex_);
      notices_.push_back(notice);
    };
    auto client = Client::make(client_options_, account, *this, observe, stop_);
    if (!client.ok()) return client.error();
    auto answers = (*client)->ask(questions(count));
    client->reset();
    spent_ = account.total();
    return answers;
  }

  Status on_answer(const Question&, const Answer&) override {
    ++answered_;
    return {};
  }
  Status on_failure(const Question&, const Spending&) override {
    ++failed_;
    return {};
  }

  std::function<HttpResponse(int number, const nlohmann::json& body)> answer_ = [](int, const auto& body) {
    return good("re: " + text_of(body));
  };
  ClientOptions client_options_;
  std::string asked_model_ = "m";
  std::atomic<bool> stop_{false};
  std::atomic<int> requests_{0};
  int answered_ = 0, failed_ = 0;
  Spending spent_;
  std::mutex mutex_;
  std::string authorization_;
  std::vector<Notice> notices_;

 private:
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(ClientTest, EveryQuestionGetsItsAnswer) {
  const auto answers = ask(50);
  ASSERT_TRUE(answers.ok());
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ((*answers)[i].text, fmt::format("re: question {}", i));
  EXPECT_EQ(answered_, 50);
  EXPECT_EQ(spent_.requests, 50u);
  EXPECT_EQ(spent_.tokens(), 750u);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(ClientTest, TheKeyIsSentAndTakenOutOfWhatComesBack) {
  client_options_.api_key = "a-secret-key-1";
  answer_ = [](int, const auto&) { return good("you sent a-secret-key-1, a-secret-key-1"); };
  const auto answers = ask(1);
  ASSERT_TRUE(answers.ok());
  EXPECT_EQ(authorization_, "Bearer a-secret-key-1");
  EXPECT_EQ(answers->front().text, "you sent [key], [key]");
}

TEST_F(ClientTest, APieceOfTheKeyIsNotShownEither) {
  client_options_.api_key = "a-secret-key-1";
  for (const bool stream : {false, true}) {
    client_options_.stream = stream;
    notices_.clear();
    requests_ = 0;
    answer_ = [&](int number, const auto& body) {
      if (number > 3) return good(text_of(body));
      HttpResponse response =
          bad(503, std::string(stream ? 140 : 288, 'x') + "a-secret-key-1");  // what is shown is cut
      if (!stream) return response;
      response.status = 200;
      response.content_type = "text/event-stream";
      response.body = "data: " + response.body + "\n\n";
      return response;
    };
    ASSERT_TRUE(ask(1).ok());
    ASSERT_FALSE(notices_.empty());
    EXPECT_THAT(notices_.front().message, testing::AllOf(HasSubstr("xxx"), testing::Not(HasSubstr("a-se"))));
  }
}

TEST_F(ClientTest, AnOutagePausesAndGoesOn) {
  answer_ = [](int number, const auto& body) {
    return number <= 10 ? bad(503, "resting") : good(text_of(body));
  };
  ASSERT_TRUE(ask(4).ok());
  EXPECT_EQ(failed_, 10);
  ASSERT_GE(notices_.size(), 2u);
  EXPECT_EQ(notices_.front().kind, Notice::Kind::kPaused);
  EXPECT_THAT(notices_.front().message, HasSubstr("answered 503: resting"));
  EXPECT_EQ(notices_.back().kind, Notice::Kind::kRecovered);
}

TEST_F(ClientTest, RetryAfterIsHonoured) {
  answer_ = [](int number, const auto& body) {
    if (number > 1) return good(text_of(body));
    HttpResponse response = bad(429, "slow down");
    response.headers["Retry-After"] = "0.5";
    return response;
  };
  const double began = wall_seconds();
  ASSERT_TRUE(ask(1).ok());
  EXPECT_GE(wall_seconds() - began, 0.5);
}

TEST_F(ClientTest, CrowdingLowersWhatIsInFlight) {
  std::atomic<int> open{0}, most{0};
  answer_ = [&](int number, const auto& body) {
    const int now = ++open;
    if (number > 40) most = std::max(most.load(), now);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    --open;
    return now > 4 ? bad(429, "too many") : good(text_of(body));
  };
  client_options_.in_flight = 32;
  ASSERT_TRUE(ask(100).ok());
  EXPECT_LT(most, 32);
}

TEST_F(ClientTest, AnEndpointThatIsSlowForSoManyIsAskedLessAndLosesNoQuestion) {
  std::mutex one_at_a_time;
  answer_ = [&](int, const auto& body) {
    const std::lock_guard lock(one_at_a_time);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return good(text_of(body));
  };
  client_options_.in_flight = 60;
  client_options_.stall_seconds = 0.2;  // enough for 20 of them
  const auto answers = ask(200);
  ASSERT_TRUE(answers.ok());
  for (const Answer& answer : *answers) EXPECT_FALSE(answer.refused) << answer.text;
}

TEST_F(ClientTest, AQuestionThatAloneIsNeverAnsweredIsGivenUp) {
  answer_ = [](int, const auto& body) {
    return text_of(body) == "question 3" ? bad(500, "crashed on this") : good("fine");
  };
  const auto answers = ask(30);
  ASSERT_TRUE(answers.ok());
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ((*answers)[i].refused, i == 3) << i;
  EXPECT_THAT((*answers)[3].text, HasSubstr("crashed on this"));
}

TEST_F(ClientTest, AQuestionThatIsNotTakenWhileOthersAreIsRefused) {
  answer_ = [](int, const auto& body) {
    return text_of(body) == "question 0" ? bad(400, "not this one") : good("fine");
  };
  client_options_.in_flight = 1;
  const auto answers = ask(5);
  ASSERT_TRUE(answers.ok());
  EXPECT_TRUE((*answers)[0].refused);
  EXPECT_FALSE((*answers)[1].refused);
}

TEST_F(ClientTest, WhenNoQuestionIsTakenTheSpecIsWrong) {
  answer_ = [](int, const auto&) { return bad(400, "no such parameter"); };
  const auto answers = ask(5);
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answers.error().message, HasSubstr("no such parameter"));
}

TEST_F(ClientTest, WhenEveryQuestionIsTooLongTheRunEndsUnlessItsModelIsKnownToBeGood) {
  answer_ = [](int, const auto&) {
    HttpResponse response;
    response.status = 400;
    response.body = R"({"error": {"message": "too long", "code": "context_length_exceeded"}})";
    return response;
  };
  const auto answers = ask(5);
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answers.error().message, HasSubstr("too long"));
  client_options_.known_good = {"m"};  // a resume must be able to pass a question that is too long
  const auto refused = ask(5);
  ASSERT_TRUE(refused.ok());
  for (const Answer& answer : *refused) EXPECT_TRUE(answer.refused);
}

TEST_F(ClientTest, AModelThatWorkedBeforeIsAnOutage) {
  answer_ = [](int number, const auto& body) {
    return number > 3 && number < 8 ? bad(404, "no such model") : good(text_of(body));
  };
  client_options_.in_flight = 2;
  EXPECT_TRUE(ask(20).ok());
}

TEST_F(ClientTest, RepliesOfNoUseFromTheFirstOnEndTheRun) {
  client_options_.is_usable = [](const Question&, const Answer& answer) { return answer.text == "code"; };
  answer_ = [](int, const auto&) { return good("Certainly! Here\nis prose."); };
  const auto answers = ask(40);
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answers.error().message, testing::AllOf(HasSubstr("16 replies in a row"), HasSubstr("'m'"),
                                                      HasSubstr("Certainly! Here")));
  EXPECT_EQ(answered_, 0);
  EXPECT_GT(spent_.tokens(), 15u * 15u) << "what was not taken was paid for";
}

TEST_F(ClientTest, RepliesOfNoUseAfterGoodOnesAreAnOutage) {
  client_options_.is_usable = [](const Question&, const Answer& answer) { return answer.text == "code"; };
  client_options_.in_flight = 1;
  std::set<std::uint64_t> seeds;
  answer_ = [&](int number, const auto& body) {
    const std::lock_guard lock(mutex_);
    if (number > 15 && number < 30) seeds.insert(body["seed"].template get<std::uint64_t>());
    return good(number <= 2 || number >= 30 ? "code" : number % 2 == 0 ? "" : "prose");
  };
  const auto answers = ask(20);
  ASSERT_TRUE(answers.ok()) << answers.error().message;
  const auto useless = [](const Answer& answer) { return answer.text != "code"; };
  EXPECT_EQ(std::count_if(answers->begin(), answers->end(), useless), 0) << "the outage cost answers";
  EXPECT_EQ(answered_, 20);
  ASSERT_GE(notices_.size(), 2u);
  EXPECT_EQ(notices_.front().kind, Notice::Kind::kPaused);
  EXPECT_THAT(notices_.front().message, HasSubstr("16 replies in a row"));
  EXPECT_EQ(notices_.back().kind, Notice::Kind::kRecovered);
  EXPECT_GT(seeds.size(), 1u) << "who answers by the seed would say the same for ever";
}

TEST_F(ClientTest, AQuestionThatGetsNothingOfUseIsAskedFourTimes) {
  client_options_.is_usable = [](const Question&, const Answer& answer) { return answer.text == "code"; };
  client_options_.in_flight = 1;
  int asked = 0;
  answer_ = [&](int, const auto& body) {
    const bool odd = text_of(body) == "question 3";
    asked += odd ? 1 : 0;
    return good(odd ? "I cannot help with that." : "code");
  };
  const auto answers = ask(10);
  ASSERT_TRUE(answers.ok()) << answers.error().message;
  EXPECT_EQ(answers->at(3).text, "I cannot help with that.");
  EXPECT_EQ(asked, 4);
}

TEST_F(ClientTest, AnotherModelThanTheOneAskedForIsToldOnce) {
  const auto told = [this](const std::string& asked, const std::string& served) {
    notices_.clear();
    answer_ = [served](int, const auto&) {
      HttpResponse response = good("fine");
      nlohmann::json body = nlohmann::json::parse(response.body);
      body["model"] = served;
      response.body = body.dump();
      return response;
    };
    asked_model_ = asked;
    EXPECT_TRUE(ask(5).ok());
    return notices_.size();
  };
  EXPECT_EQ(told("small", "large"), 1u);
  EXPECT_EQ(notices_.front().kind, Notice::Kind::kRemark);
  EXPECT_THAT(notices_.front().message, testing::AllOf(HasSubstr("'small'"), HasSubstr("'large'")));
  for (const char* same : {"", "small", "Small-2024-08-06", "provider/small", "provider/small-2024-08-06"}) {
    EXPECT_EQ(told("small", same), 0u) << same;
  }
  EXPECT_EQ(told("provider/small", "small-2024-08-06"), 0u);
}

TEST_F(ClientTest, ABudgetOfRequestsIsHard) {
  const auto answers = ask(40, {.requests = 25});
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(requests_, 25);
  EXPECT_EQ(answered_, 25) << "what was under way was thrown away";
  EXPECT_EQ(notices_.back().kind, Notice::Kind::kBudgetSpent);
}

TEST_F(ClientTest, BudgetsOfTokensAndMoneyAreNeverPassed) {
  client_options_.prices["m"] = {1000.0, 2000.0};
  ASSERT_FALSE(ask(200, {.tokens = 1000}).ok());
  EXPECT_LE(spent_.tokens(), 1000u);
  EXPECT_GT(spent_.tokens(), 500u);
  ASSERT_FALSE(ask(200, {.money = 1.0}).ok());
  EXPECT_LE(spent_.cost, 1.0);
  EXPECT_GT(spent_.cost, 0.5);
}

TEST_F(ClientTest, ABudgetKnowsWhatTheBodyAsksFor) {
  client_options_.sampling.body = R"({"max_tokens": null, "max_completion_tokens": 500})";
  answer_ = [](int, const auto& body) {
    HttpResponse response = good(text_of(body));
    response.body =
        std::string(response.body)
            .replace(response.body.find("\"completion_tokens\":5"), 21, "\"completion_tokens\":500");
    return response;
  };
  ASSERT_FALSE(ask(50, {.tokens = 2000}).ok());
  EXPECT_LE(spent_.tokens(), 2000u);
  EXPECT_GT(spent_.tokens(), 1000u);
}

TEST_F(ClientTest, CallsThatAStopBreaksOffAreInTheLedger) {
  answer_ = [this](int, const auto& body) {
    while (!stop_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return good(text_of(body));
  };
  std::thread stopper([this] {
    while (requests_ < 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop_ = true;
  });
  ASSERT_FALSE(ask(5).ok());
  stopper.join();
  EXPECT_EQ(spent_.requests, 5u);
  EXPECT_EQ(failed_, 5) << "a resume would not know of them";
}

TEST_F(ClientTest, StopEndsAPauseAtOnce) {
  answer_ = [](int, const auto&) { return bad(503, "for ever"); };
  client_options_.first_pause_seconds = client_options_.max_pause_seconds = 60.0;
  std::thread stopper([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop_ = true;
  });
  const double began = wall_seconds();
  const auto answers = ask(10);
  stopper.join();
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().code, ErrorCode::kCancelled);
  EXPECT_LT(wall_seconds() - began, 2.0);
}

TEST_F(ClientTest, StreamsAreReadAndObjectsInTheirPlaceToo) {
  client_options_.stream = true;
  EXPECT_EQ(ask(1)->front().text, "re: question 0") << "an endpoint that does not stream";
  answer_ = [](int number, const auto& body) {
    HttpResponse response = good(text_of(body));
    response.body.insert(0, "\n ");
    return number > 3 ? bad(400, "an object behind white space was not read") : response;
  };
  requests_ = 0;
  const auto answers = ask(1);
  ASSERT_TRUE(answers.ok()) << answers.error().message;
  EXPECT_EQ(answers->front().text, "question 0");
}

TEST_F(ClientTest, SeveralThreadsMayAsk) {
  Account account({});
  const auto client = std::move(Client::make(client_options_, account, *this, {}, stop_)).value();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto answers = client->ask(questions(25));
      if (!answers.ok()) return;
      for (std::size_t i = 0; i < 25; ++i) right += (*answers)[i].text == fmt::format("re: question {}", i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
}

TEST_F(ClientTest, AnAddressWithoutV1IsToldOfItAfter404) {
  answer_ = [](int, const auto&) { return bad(404, "no such page"); };
  EXPECT_THAT(ask(1).error().message, testing::Not(HasSubstr("/v1")));
  client_options_.url.resize(client_options_.url.size() - 4);  // "/v1/"
  EXPECT_THAT(ask(1).error().message, testing::AllOf(HasSubstr("no such page"), HasSubstr("/v1")));
  answer_ = [](int, const auto&) { return bad(401, "no such key"); };
  EXPECT_THAT(ask(1).error().message, testing::Not(HasSubstr("/v1")));
}

TEST_F(ClientTest, AnAddressThatIsNoneIsRefused) {
  client_options_.url = "example.com/v1";
  EXPECT_THAT(ask(1).error().message, HasSubstr("'example.com' is not the address"));
}

TEST(KeyTest, AKeyComesFromItsVariableAlone) {
  ::setenv("SAMARA_TEST_KEY", "abc", 1);
  EXPECT_EQ(key_from_environment("SAMARA_TEST_KEY").value(), "abc");
  ::setenv("SAMARA_TEST_KEY", "a\nb", 1);
  EXPECT_THAT(key_from_environment("SAMARA_TEST_KEY").error().message,
              testing::AllOf(HasSubstr("SAMARA_TEST_KEY"), testing::Not(HasSubstr("a\nb"))));
  ::unsetenv("SAMARA_TEST_KEY");
  EXPECT_FALSE(key_from_environment("SAMARA_TEST_KEY").ok());
}

}  // namespace
}  // namespace samara::endpoint
