// For tests: a generator that says what it is told to, a server with it on a free port, and a client that
// speaks HTTP over a socket.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "samara/base/check.h"
#include "samara/base/unique_fd.h"
#include "samara/lm/serve/lm_server.h"

namespace samara::lm {

/// Bytes, and the special tokens <|end|>, <|line 1|>, and ChatML's where wanted.
inline Tokenizer byte_tokenizer(bool chat_ml = false) {
  std::vector<std::string> specials = {"<|end|>", "<|line 1|>"};
  if (chat_ml) specials.insert(specials.end(), {"<|im_start|>", "<|im_end|>"});
  return Tokenizer::make("[a-z]+", {}, specials).value();
}

struct Script {
  std::string says;     ///< with names of special tokens; empty: letters from the request's stream
  bool echoes = false;  ///< completes a prompt with itself
  std::chrono::microseconds per_token{0};
  std::atomic<int> tokens{0};  ///< generated so far, by all generators
  std::atomic<int> largest_batch{0};
  std::atomic<bool> fails{false};
  std::mutex mutex;
  Tokens last_prompt;  ///< guarded by mutex
};

/// Follows its script, decoding what is under way in turns and taking in more between, as a real one does.
class ScriptedGenerator final : public Generator {
 public:
  ScriptedGenerator(Script& script, Tokenizer tokenizer)
      : script_(script), tokenizer_(std::move(tokenizer)) {}

  Result<std::vector<Generation>> generate(std::span<const GenerationRequest>) override {
    return make_error(ErrorCode::kUnsupported, "this one only serves");
  }

  void serve(RequestSource& source) override {
    struct UnderWay {
      std::size_t number;
      GenerationRequest request;
      Generation generation = {};
    };
    std::list<UnderWay> under_way;
    std::size_t taken = 0;
    while (true) {
      for (const GenerationRequest& request : source.take(kSlots - under_way.size())) {
        if (script_.fails) {
          source.end(taken++, make_error(ErrorCode::kInternal, "the script says: fail"));
          continue;
        }
        under_way.push_back({taken++, request});
        const std::lock_guard lock(script_.mutex);
        script_.last_prompt.assign(request.prompt.begin(), request.prompt.end());
      }
      if (under_way.empty()) return;
      script_.largest_batch = std::max(script_.largest_batch.load(), static_cast<int>(under_way.size()));
      std::this_thread::sleep_for(script_.per_token);
      for (auto one = under_way.begin(); one != under_way.end();) {
        const bool goes_on = step(one->request, one->generation);
        if (!goes_on) source.end(one->number, std::move(one->generation));
        one = goes_on ? std::next(one) : under_way.erase(one);
      }
    }
  }

 private:
  static constexpr std::size_t kSlots = 48;

  /// False if that was the last token, or there is none.
  bool step(GenerationRequest& request, Generation& generation) {
    const std::size_t at = generation.tokens.size();
    const Tokens text = script_.echoes ? Tokens(request.prompt.begin(), request.prompt.end())
                                       : tokenizer_.encode_with_specials(script_.says);
    const TokenId token =
        at < text.size() ? text[at]
        : text.empty() ? tokenizer_.encode(std::string(1, static_cast<char>('a' + request.rng.below(26))))[0]
                       : *tokenizer_.special("<|end|>");
    if (request.filter != nullptr && !request.filter->allows(token)) {
      generation.finish = FinishReason::kStuck;
      return false;
    }
    generation.tokens.push_back(token);
    ++script_.tokens;
    if (request.filter != nullptr) request.filter->accept(token);
    const auto stops = request.stop_tokens;
    if (std::find(stops.begin(), stops.end(), token) != stops.end()) {
      generation.finish = FinishReason::kStop;
      return false;
    }
    return generation.tokens.size() < request.sampling.max_tokens;
  }

  Script& script_;
  Tokenizer tokenizer_;
};

inline ModelConfig test_config(std::uint32_t max_positions = 4096) {
  ModelConfig config;
  config.max_positions = max_positions;
  return config;
}

/// Serves the script while the object lives.
class TestServer {
 public:
  explicit TestServer(Script& script, int threads = 1, LmServerOptions options = {}, bool chat_ml = false) {
    const Tokenizer tokenizer = byte_tokenizer(chat_ml);
    std::vector<std::unique_ptr<Generator>> generators;
    for (int i = 0; i < threads; ++i)
      generators.push_back(std::make_unique<ScriptedGenerator>(script, tokenizer));
    options.api.model_id = "test";
    options.api.seed = 7;
    auto bound = LmServer::bind(test_config(), tokenizer, std::move(generators), options);
    SAMARA_CHECK(bound.ok());
    server_ = std::move(*bound);
    thread_ = std::thread([this] { server_->serve(stop_); });
  }
  ~TestServer() {
    stop_ = true;
    thread_.join();
  }
  int port() const { return server_->port(); }

 private:
  std::atomic<bool> stop_{false};
  std::unique_ptr<LmServer> server_;
  std::thread thread_;
};

/// A connection to a server of this machine.
class TestClient {
 public:
  explicit TestClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval timeout{30, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SAMARA_CHECK(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }

  void send_request(const std::string& method, const std::string& path, std::string_view body,
                    const std::string& headers = "") {
    const std::string request =
        method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    std::string_view rest = request;
    while (!rest.empty()) {
      const ssize_t sent = send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// What has come once `until` is part of it, or the connection has been closed.
  const std::string& receive(std::string_view until = {}) {
    char buffer[4096];
    while (until.empty() || received_.find(until) == std::string::npos) {
      const ssize_t size = recv(fd_.get(), buffer, sizeof(buffer), 0);
      if (size <= 0) break;
      received_.append(buffer, static_cast<std::size_t>(size));
    }
    return received_;
  }

  void hang_up() { fd_.reset(); }

 private:
  UniqueFd fd_;
  std::string received_;
};

struct TestResponse {
  int status = 0;
  std::string head, body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

/// Takes head and body apart, and puts chunks together.
inline TestResponse parse_response(const std::string& bytes) {
  TestResponse response;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return response;
  response.head = bytes.substr(0, end);
  response.status = std::atoi(response.head.c_str() + 9);
  response.body = bytes.substr(end + 4);
  if (response.head.find("chunked") == std::string::npos) return response;
  std::string joined;
  for (std::size_t at = 0; at < response.body.size();) {
    const std::size_t size = std::strtoul(response.body.c_str() + at, nullptr, 16);
    const std::size_t begin = response.body.find("\r\n", at) + 2;
    if (size == 0 || begin < 2) break;
    joined += response.body.substr(begin, size);
    at = begin + size + 2;
  }
  response.body = joined;
  return response;
}

inline TestResponse ask(int port, const std::string& method, const std::string& path,
                        std::string_view body = {}, const std::string& headers = "") {
  TestClient client(port);
  client.send_request(method, path, body, headers);
  return parse_response(client.receive());
}

/// The data of the events of a stream.
inline std::vector<std::string> events_of(const std::string& body) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find("\n\n", at);
    if (end == std::string::npos) break;
    events.push_back(body.substr(at, end - at));
    SAMARA_CHECK(events.back().starts_with("data: "));
    events.back().erase(0, 6);
    at = end + 2;
  }
  return events;
}

}  // namespace samara::lm
