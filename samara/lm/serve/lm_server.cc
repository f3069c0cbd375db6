#include "samara/lm/serve/lm_server.h"

#include <chrono>
#include <thread>

#include "samara/base/check.h"
#include "samara/base/clock.h"

namespace samara::lm {

LmServer::LmServer(const ModelConfig& config, const Tokenizer& tokenizer,
                   std::vector<std::unique_ptr<Generator>> generators, const LmServerOptions& options)
    : options_(options),
      pool_(std::move(generators), end_tokens(config, tokenizer), options.pool),
      api_(config, tokenizer, pool_, options.api) {}

LmServer::~LmServer() = default;

Result<std::unique_ptr<LmServer>> LmServer::bind(const ModelConfig& config, const Tokenizer& tokenizer,
                                                 std::vector<std::unique_ptr<Generator>> generators,
                                                 const LmServerOptions& options) {
  SAMARA_CHECK(!generators.empty());
  std::unique_ptr<LmServer> server(new LmServer(config, tokenizer, std::move(generators), options));
  SAMARA_TRY(
      server->http_,
      HttpServer::bind(
          options.http, [api = &server->api_](const HttpRequest& request) { return api->answer(request); },
          &OpenAiApi::refusal));
  return server;
}

void LmServer::serve(const std::atomic<bool>& stop) {
  std::atomic<bool> done{false};
  std::thread serving([&] {
    http_->run();
    done = true;
  });
  const auto tick = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  while (!stop && !done) tick();
  http_->stop();
  for (const double start = wall_seconds(); !done && wall_seconds() < start + options_.grace_seconds;) tick();
  pool_.stop();
  serving.join();
}

}  // namespace samara::lm
