// The protocol from outside: what clients send and get.
#include "samara/lm/serve/lm_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samara/lm/serve/test_server.h"

namespace samara::lm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const kCompletions = "/v1/completions";
const char* const kChat = "/v1/chat/completions";

TestResponse post(const TestServer& server, const std::string& path, const json& body) {
  return ask(server.port(), "POST", path, body.dump());
}

TEST(LmServerTest, ListsItsModel) {
  Script script;
  const TestServer server(script);
  const json list = ask(server.port(), "GET", "/v1/models").json();
  EXPECT_EQ(list["object"], "list");
  ASSERT_EQ(list["data"].size(), 1u);
  EXPECT_EQ(list["data"][0]["id"], "test");
  EXPECT_EQ(list["data"][0]["object"], "model");
  EXPECT_EQ(ask(server.port(), "GET", "/v1/models/test").json()["id"], "test");
  EXPECT_EQ(ask(server.port(), "GET", "/v1/models/other").status, 404);
  EXPECT_EQ(ask(server.port(), "GET", "/health").json()["status"], "ok");
}

TEST(LmServerTest, CompletesAPromptAndCountsTokens) {
  Script script;
  script.says = "hello";
  const TestServer server(script);
  const TestResponse response = post(server, kCompletions, {{"model", "test"}, {"prompt", "abc"}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.head, HasSubstr("application/json"));
  const json body = response.json();
  EXPECT_EQ(body["object"], "text_completion");
  EXPECT_EQ(body["model"], "test");
  EXPECT_TRUE(body["id"].get<std::string>().starts_with("cmpl-"));
  ASSERT_EQ(body["choices"].size(), 1u);
  EXPECT_EQ(body["choices"][0],
            json({{"index", 0}, {"text", "hello"}, {"logprobs", nullptr}, {"finish_reason", "stop"}}));
  EXPECT_EQ(body["usage"], json({{"prompt_tokens", 3}, {"completion_tokens", 6}, {"total_tokens", 9}}));
}

TEST(LmServerTest, MaxTokensAndStopStringsEndACompletion) {
  Script script;
  script.says = "one two three";
  const TestServer server(script);
  const auto choice = [&](json more) {
    more["prompt"] = "x";
    return post(server, kCompletions, more).json()["choices"][0];
  };
  EXPECT_EQ(choice({{"max_tokens", 5}})["text"], "one t");
  EXPECT_EQ(choice({{"max_tokens", 5}})["finish_reason"], "length");
  EXPECT_EQ(choice({{"stop", " tw"}})["text"], "one");
  EXPECT_EQ(choice({{"stop", " tw"}})["finish_reason"], "stop");
  EXPECT_EQ(choice({{"stop", {"zz", "three", "two"}}})["text"], "one ");
  EXPECT_EQ(choice({{"max_tokens", 5}, {"stop", "two"}})["text"], "one t")
      << "what a stop string held back comes";
}

TEST(LmServerTest, ACompletionStopsCostingWhenItsStopStringCame) {
  Script script;
  script.says = "stop" + std::string(500, 'x');
  const TestServer server(script);
  post(server, kCompletions, {{"prompt", "x"}, {"max_tokens", 600}, {"stop", "op"}});
  EXPECT_EQ(script.tokens, 4);
}

TEST(LmServerTest, SeveralPromptsAndCompletionsComeInOrder) {
  Script script;
  script.echoes = true;
  const TestServer server(script, 2);
  const json body =
      post(server, kCompletions, {{"prompt", {"ab", "cd"}}, {"n", 2}, {"max_tokens", 2}}).json();
  ASSERT_EQ(body["choices"].size(), 4u);
  const char* const expected[] = {"ab", "ab", "cd", "cd"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(body["choices"][i]["index"], i);
    EXPECT_EQ(body["choices"][i]["text"], expected[i]);
  }
  EXPECT_EQ(body["usage"]["prompt_tokens"], 4);
  const json tokens = post(server, kCompletions, {{"prompt", {2 + 'h', 2 + 'i'}}, {"max_tokens", 2}}).json();
  EXPECT_EQ(tokens["choices"][0]["text"], "hi");
}

TEST(LmServerTest, SpecialTokensArePartOfPromptsAndShownOnRequest) {
  Script script;
  script.says = "<|line 1|>x";
  const TestServer server(script);
  EXPECT_EQ(post(server, kCompletions, {{"prompt", "<|line 1|>def"}}).json()["choices"][0]["text"], "x");
  EXPECT_EQ(script.last_prompt.front(), *byte_tokenizer().special("<|line 1|>"));
  EXPECT_EQ(post(server, kCompletions, {{"prompt", "y"}, {"skip_special_tokens", false}})
                .json()["choices"][0]["text"],
            "<|line 1|>x");
}

TEST(LmServerTest, ASeedRepeatsACompletionAndItsAbsenceDoesNot) {
  Script script;
  const TestServer server(script, 2);
  const auto text = [&](json more) {
    more["prompt"] = "x";
    return post(server, kCompletions, more).json()["choices"].dump();
  };
  EXPECT_EQ(text({{"seed", 5}, {"n", 2}}), text({{"seed", 5}, {"n", 2}}));
  EXPECT_NE(text({{"seed", 5}}), text({{"seed", 6}}));
  EXPECT_NE(text(json::object()), text(json::object()));
  const json both = json::parse(text({{"seed", 5}, {"n", 2}}));
  EXPECT_NE(both[0]["text"], both[1]["text"]);
}

TEST(LmServerTest, ChatsArePlainTextWithoutChatMl) {
  Script script;
  script.says = " hi\nuser: more";
  const TestServer server(script);
  const json body =
      post(server, kChat,
           {{"messages",
             {{{"role", "system"}, {"content", "be brief"}},
              {{"role", "user"}, {"content", json::array({{{"type", "text"}, {"text", "hello"}}})}}}}})
          .json();
  EXPECT_EQ(byte_tokenizer().decode(script.last_prompt), "system: be brief\nuser: hello\nassistant:");
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_EQ(body["choices"][0]["message"], json({{"role", "assistant"}, {"content", " hi"}}));
  EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
}

TEST(LmServerTest, ChatsAreChatMlWhereTheTokenizerHasIt) {
  Script script;
  script.says = "hi<|im_end|>";
  const TestServer server(script, 1, {}, true);
  const json body =
      post(server, kChat, {{"messages", {{{"role", "user"}, {"content", "<|im_end|>"}}}}}).json();
  const Tokenizer tokenizer = byte_tokenizer(true);
  // The special token's name in a message stays text: a user cannot end the turn.
  Tokens expected = tokenizer.encode_with_specials("<|im_start|>user\n");
  for (const TokenId token : tokenizer.encode("<|im_end|>")) expected.push_back(token);
  for (const TokenId token : tokenizer.encode_with_specials("<|im_end|>\n<|im_start|>assistant\n")) {
    expected.push_back(token);
  }
  EXPECT_EQ(script.last_prompt, expected);
  EXPECT_EQ(body["choices"][0]["message"]["content"], "hi");
}

std::string streamed_text(const std::vector<std::string>& events, bool chat) {
  std::string text;
  for (const std::string& event : events) {
    if (event == "[DONE]") continue;
    const json part = json::parse(event);
    for (const json& choice : part["choices"]) {
      text += chat ? choice["delta"].value("content", "") : choice["text"].get<std::string>();
    }
  }
  return text;
}

TEST(LmServerTest, StreamsTheSameTextAsItWouldAnswer) {
  Script script;
  script.says =
      "h\xc3\xa4llo \xe2\x82\xac "
      "one";
  const TestServer server(script);
  const json ask_body = {{"prompt", "x"}, {"stop", "one"}, {"max_tokens", 50}};
  const std::string whole = post(server, kCompletions, ask_body).json()["choices"][0]["text"];
  json streaming = ask_body;
  streaming["stream"] = true;
  const TestResponse response = post(server, kCompletions, streaming);
  EXPECT_THAT(response.head, HasSubstr("text/event-stream"));
  const std::vector<std::string> events = events_of(response.body);
  EXPECT_EQ(events.back(), "[DONE]");
  EXPECT_EQ(streamed_text(events, false), whole);
  EXPECT_EQ(whole, "h\xc3\xa4llo \xe2\x82\xac ");
  const json last = json::parse(events[events.size() - 2]);
  EXPECT_EQ(last["choices"][0]["finish_reason"], "stop");
  EXPECT_FALSE(last.contains("usage"));
}

TEST(LmServerTest, ChatStreamsNameTheRoleFirstAndTheUsageLast) {
  Script script;
  script.says = "hello";
  const TestServer server(script);
  const TestResponse response = post(server, kChat,
                                     {{"messages", {{{"role", "user"}, {"content", "x"}}}},
                                      {"stream", true},
                                      {"stream_options", {{"include_usage", true}}}});
  const std::vector<std::string> events = events_of(response.body);
  const json first = json::parse(events.front()), usage = json::parse(events[events.size() - 2]);
  EXPECT_EQ(first["object"], "chat.completion.chunk");
  EXPECT_EQ(first["choices"][0]["delta"]["role"], "assistant");
  EXPECT_TRUE(first["usage"].is_null());
  EXPECT_EQ(streamed_text(events, true), "hello");
  EXPECT_TRUE(usage["choices"].empty());
  EXPECT_EQ(usage["usage"]["completion_tokens"], 6);
}

TEST(LmServerTest, StreamedTokensArriveWhileOthersAreGenerated) {
  Script script;
  script.says = std::string(400, 'x');
  script.per_token = std::chrono::milliseconds(5);
  const TestServer server(script);
  TestClient client(server.port());
  client.send_request("POST", kCompletions, R"({"prompt": "x", "max_tokens": 400, "stream": true})");
  client.receive("\"text\":\"x\"");
  EXPECT_LT(script.tokens, 300);
}

TEST(LmServerTest, ClientsThatHangUpStopCosting) {
  for (const bool stream : {true, false}) {
    Script script;
    script.per_token = std::chrono::milliseconds(2);
    const TestServer server(script);
    {
      TestClient client(server.port());
      client.send_request("POST", kCompletions,
                          json({{"prompt", "x"}, {"max_tokens", 4000}, {"stream", stream}}).dump());
      while (script.tokens == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    // The next request gets the thread long before 4000 tokens are over.
    const TestResponse next = post(server, kCompletions, {{"prompt", "y"}, {"max_tokens", 1}});
    EXPECT_EQ(next.status, 200);
    EXPECT_LT(script.tokens, 2000) << "stream: " << stream;
  }
}

TEST(LmServerTest, AShortRequestDoesNotWaitForALongOne) {
  Script script;
  script.per_token = std::chrono::milliseconds(2);
  const TestServer server(script, 1);
  TestClient patient(server.port());
  patient.send_request("POST", kCompletions, R"({"prompt": "x", "max_tokens": 2000})");
  while (script.tokens == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(post(server, kCompletions, {{"prompt", "y"}, {"max_tokens", 1}}).status, 200);
  EXPECT_LT(script.tokens, 1500) << "it came in the middle of the other";
  EXPECT_EQ(parse_response(patient.receive()).json()["usage"]["completion_tokens"], 2000);
}

TEST(LmServerTest, ThirtyTwoClientsStreamAtOnceAndEachGetsItsOwn) {
  Script script;
  script.echoes = true;
  script.per_token = std::chrono::microseconds(200);
  const TestServer server(script, 2);
  std::vector<std::thread> clients;
  std::vector<std::string> got(32);
  for (std::size_t i = 0; i < got.size(); ++i) {
    clients.emplace_back([&, i] {
      const std::string prompt =
          "client " + std::to_string(i) + std::string(40, static_cast<char>('a' + i % 26));
      const TestResponse response = post(
          server, kCompletions, {{"prompt", prompt}, {"max_tokens", prompt.size()}, {"stream", i % 2 == 0}});
      got[i] = i % 2 == 0 ? streamed_text(events_of(response.body), false)
                          : response.json()["choices"][0]["text"].get<std::string>();
      if (got[i] == prompt) got[i] = "right";
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_THAT(got, testing::Each("right"));
  EXPECT_GT(script.largest_batch, 1) << "what waits is completed together";
}

TEST(LmServerTest, ErrorsHaveTheProtocolsFormAndNameTheField) {
  Script script;
  const TestServer server(script);
  struct Case {
    const char* path;
    std::string body;
    int status;
    const char* param;
    const char* code;
  };
  const std::string deep = "{\"prompt\": " + std::string(100'000, '[');
  const auto nested = [](const std::string& key) {
    return "{\"" + key + "\": " + std::string(2'000'000, '[') + std::string(2'000'000, ']') + "}";
  };
  const Case cases[] = {
      {kCompletions, "", 400, "", "invalid_json"},
      {kCompletions, "{", 400, "", "invalid_json"},
      {kCompletions, "[]", 400, "", "invalid_json"},
      {kCompletions, deep, 400, "", "invalid_json"},
      {kCompletions, deep + std::string(100'000, ']') + "}", 400, "", "invalid_json"},
      {kCompletions, nested("n"), 400, "", "invalid_json"},
      {kChat, "{\"messages\": [" + nested("role") + "]}", 400, "", "invalid_json"},
      {kCompletions, "{\"prompt\": \"\xff\"}", 400, "", "invalid_utf8"},
      {kCompletions, R"({"prompt": "\ud800"})", 400, "", "invalid_json"},
      {kCompletions, R"({"model": "gpt-4", "prompt": "x"})", 404, "model", "model_not_found"},
      {kCompletions, R"({"model": 3, "prompt": "x"})", 400, "model", ""},
      {kCompletions, R"({})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": ""})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": []})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": {"a": 1}})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": [1, 999999]})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": [-1]})", 400, "prompt", ""},
      {kCompletions, R"({"prompt": [18446744073709551615]})", 400, "prompt", ""},
      {kCompletions, json({{"prompt", std::string(4096, 'x')}}).dump(), 400, "prompt",
       "context_length_exceeded"},
      {kCompletions, json({{"prompt", std::string(1'000'000, 'x')}}).dump(), 400, "prompt",
       "context_length_exceeded"},
      {kCompletions, R"({"prompt": "x", "temperature": "hot"})", 400, "temperature", ""},
      {kCompletions, R"({"prompt": "x", "temperature": -1})", 400, "temperature", ""},
      {kCompletions, R"({"prompt": "x", "temperature": 1e999})", 400, "", ""},
      {kCompletions, R"({"prompt": "x", "top_p": 1.5})", 400, "top_p", ""},
      {kCompletions, R"({"prompt": "x", "n": 0})", 400, "n", ""},
      {kCompletions, R"({"prompt": "x", "n": 1000000})", 400, "n", ""},
      {kCompletions, R"({"prompt": "x", "n": 1.5})", 400, "n", ""},
      {kCompletions, R"({"prompt": "x", "n": 18446744073709551615})", 400, "n", ""},
      {kCompletions, R"({"prompt": "x", "max_tokens": 0})", 400, "max_tokens", ""},
      {kCompletions, R"({"prompt": "x", "max_tokens": true})", 400, "max_tokens", ""},
      {kCompletions, R"({"prompt": "x", "stop": 3})", 400, "stop", ""},
      {kCompletions, R"({"prompt": "x", "stop": ["a", ""]})", 400, "stop", ""},
      {kCompletions, R"({"prompt": "x", "seed": "one"})", 400, "seed", ""},
      {kCompletions, R"({"prompt": "x", "stream": 1})", 400, "stream", ""},
      {kCompletions, R"({"prompt": "x", "stream_options": {"include_usage": true}})", 400, "stream_options",
       ""},
      {kCompletions, R"({"prompt": "x", "logprobs": 1})", 400, "logprobs", "unsupported_parameter"},
      {kCompletions, R"({"prompt": "x", "echo": true})", 400, "echo", "unsupported_parameter"},
      {kCompletions, R"({"prompt": "x", "presence_penalty": 0.5})", 400, "presence_penalty",
       "unsupported_parameter"},
      {kChat, R"({"prompt": "x"})", 400, "messages", ""},
      {kChat, R"({"messages": []})", 400, "messages", ""},
      {kChat, R"({"messages": ["x"]})", 400, "messages", ""},
      {kChat, R"({"messages": [{"role": "king", "content": "x"}]})", 400, "messages", ""},
      {kChat, R"({"messages": [{"role": "user", "content": 3}]})", 400, "messages", ""},
      {kChat, R"({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})", 400, "messages", ""},
      {kChat, R"({"messages": [{"role": "user", "content": "x"}], "logprobs": true})", 400, "logprobs",
       "unsupported_parameter"},
      {kChat, R"({"messages": [{"role": "user", "content": "x"}], "tools": [{}]})", 400, "tools",
       "unsupported_parameter"},
      {"/v1/embeddings", "{}", 404, "", "not_found"},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.body.substr(0, 100));
    const TestResponse response = ask(server.port(), "POST", bad.path, bad.body);
    EXPECT_EQ(response.status, bad.status);
    const json body = response.json();
    ASSERT_TRUE(body.is_object() && body["error"].is_object()) << response.body.substr(0, 300);
    const json& error = body["error"];
    EXPECT_TRUE(error["message"].is_string() && !error["message"].get<std::string>().empty());
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_TRUE(*bad.param == '\0' || error["param"] == bad.param) << error;
    EXPECT_TRUE(*bad.code == '\0' || error["code"] == bad.code) << error;
  }
  EXPECT_EQ(script.tokens, 0);
}

TEST(LmServerTest, WhatAsksForNothingSpecialIsAccepted) {
  Script script;
  script.says = "ok";
  const TestServer server(script);
  const json neutral = {{"prompt", "x"},         {"logprobs", nullptr},
                        {"echo", false},         {"best_of", 1},
                        {"suffix", nullptr},     {"stop", nullptr},
                        {"user", "somebody"},    {"top_k", -1},
                        {"presence_penalty", 0}, {"logit_bias", json::object()},
                        {"n", nullptr},          {"temperature", 0}};
  const TestResponse response = post(server, kCompletions, neutral);
  EXPECT_EQ(response.status, 200) << response.body;
}

TEST(LmServerTest, OtherMethodsAreToldWhatIsTaken) {
  Script script;
  const TestServer server(script);
  const TestResponse response = ask(server.port(), "GET", kCompletions);
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.head, HasSubstr("Allow: POST"));
  EXPECT_EQ(response.json()["error"]["code"], "method_not_allowed");
  EXPECT_EQ(ask(server.port(), "DELETE", "/v1/models").status, 405);
}

TEST(LmServerTest, LargeBodiesAreRefused) {
  Script script;
  LmServerOptions options;
  options.http.max_body_bytes = 1000;
  const TestServer server(script, 1, options);
  const TestResponse response = post(server, kCompletions, {{"prompt", std::string(2000, 'x')}});
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.json()["error"]["code"], "request_too_large");
}

TEST(LmServerTest, ABodyThatDoesNotComeIsStatus408) {
  Script script;
  LmServerOptions options;
  options.http.request_seconds = 1;
  const TestServer server(script, 1, options);
  const TestResponse response = ask(server.port(), "POST", kCompletions, "", "Content-Length: 100\r\n");
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.json()["error"]["code"], "request_timeout");
}

TEST(LmServerTest, AKeyIsWantedWhereOneIsSet) {
  Script script;
  script.says = "ok";
  LmServerOptions options;
  options.api.api_key = "secret";
  const TestServer server(script, 1, options);
  const std::string body = R"({"prompt": "x"})";
  EXPECT_EQ(ask(server.port(), "POST", kCompletions, body).status, 401);
  EXPECT_EQ(ask(server.port(), "POST", kCompletions, body, "Authorization: Bearer secreT\r\n").status, 401);
  EXPECT_EQ(ask(server.port(), "POST", kCompletions, body, "Authorization: Bearer secretsecret\r\n").status,
            401);
  EXPECT_EQ(ask(server.port(), "GET", "/v1/models").json()["error"]["code"], "invalid_api_key");
  EXPECT_EQ(ask(server.port(), "POST", kCompletions, body, "Authorization: Bearer secret\r\n").status, 200);
}

TEST(LmServerTest, AFullQueueIsStatus429) {
  Script script;
  script.says = std::string(2000, 'x');
  script.per_token = std::chrono::milliseconds(1);
  LmServerOptions options;
  options.pool = {.max_batch = 1, .max_waiting = 3};
  const TestServer server(script, 1, options);
  // A stream of a chat begins once its completions are under way or wait.
  const auto begin_chat = [&](TestClient& client, int n) {
    const nlohmann::json body = {{"messages", {{{"role", "user"}, {"content", "x"}}}},
                                 {"max_tokens", 2000},
                                 {"stream", true},
                                 {"n", n}};
    client.send_request("POST", kChat, body.dump());
    client.receive("assistant");
  };
  TestClient first(server.port()), second(server.port());
  begin_chat(first, 1);
  first.receive("\"x\"");  // it is under way
  begin_chat(second, 2);
  const TestResponse response = post(server, kCompletions, {{"prompt", "x"}, {"n", 2}});
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.head, HasSubstr("Retry-After"));
}

TEST(LmServerTest, MoreCompletionsThanCanEverWaitAreToldToAskForFewer) {
  Script script;
  LmServerOptions options;
  options.pool.max_waiting = 3;
  const TestServer server(script, 1, options);
  const TestResponse response = post(server, kCompletions, {{"prompt", {"x", "y"}}, {"n", 2}});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.json()["error"]["param"], "n");
  EXPECT_THAT(response.json()["error"]["message"].get<std::string>(), HasSubstr("at most 3"));
}

TEST(LmServerTest, AFailingGeneratorIsAServerErrorAndTheServerLives) {
  Script script;
  script.fails = true;
  const TestServer server(script);
  const TestResponse failed = post(server, kCompletions, {{"prompt", "x"}});
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.json()["error"]["type"], "server_error");
  const TestResponse streamed = post(server, kCompletions, {{"prompt", "x"}, {"stream", true}});
  EXPECT_EQ(json::parse(events_of(streamed.body).back())["error"]["type"], "server_error");
  script.fails = false;
  EXPECT_EQ(post(server, kCompletions, {{"prompt", "x"}}).status, 200);
}

TEST(LmServerTest, StoppingLetsRequestsEndAndCutsThoseThatWouldTakeTooLong) {
  for (const double grace : {10.0, 0.1}) {
    Script script;
    script.says = std::string(grace > 1 ? 100 : 4000, 'x');
    script.per_token = std::chrono::milliseconds(2);
    LmServerOptions options;
    options.grace_seconds = grace;
    auto server = std::make_unique<TestServer>(script, 1, options);
    TestClient client(server->port());
    client.send_request("POST", kCompletions, R"({"prompt": "x", "max_tokens": 4000})");
    while (script.tokens == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server.reset();
    const TestResponse response = parse_response(client.receive());
    EXPECT_EQ(response.status, grace > 1 ? 200 : 503);
    EXPECT_LT(script.tokens, 1000);
  }
}

}  // namespace
}  // namespace samara::lm
