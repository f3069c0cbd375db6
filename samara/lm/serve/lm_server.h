// LmServer: a language model on a port, in the OpenAI protocol: HTTP server, API and generators put together.
// Read openai_api.h for what it answers, generation_pool.h for how it completes.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "samara/lm/generator.h"
#include "samara/lm/model_config.h"
#include "samara/lm/serve/generation_pool.h"
#include "samara/lm/serve/openai_api.h"
#include "samara/lm/tokenizer.h"
#include "samara/net/http_server.h"

namespace samara::lm {

struct LmServerOptions {
  HttpServerOptions http;
  OpenAiApiOptions api;
  GenerationPoolOptions pool;
  double grace_seconds = 10;  ///< how long requests under way may take to end once it is to stop
};

class LmServer {
 public:
  /// @param generators at least one, each for a thread of its own
  /// Errors: kIo where the address cannot be bound.
  static Result<std::unique_ptr<LmServer>> bind(const ModelConfig& config, const Tokenizer& tokenizer,
                                                std::vector<std::unique_ptr<Generator>> generators,
                                                const LmServerOptions& options);
  ~LmServer();

  int port() const { return http_->port(); }
  /// Serves until `stop` is set; answers what is under way, and returns. Call it once.
  void serve(const std::atomic<bool>& stop);

 private:
  LmServer(const ModelConfig& config, const Tokenizer& tokenizer,
           std::vector<std::unique_ptr<Generator>> generators, const LmServerOptions& options);

  const LmServerOptions options_;
  GenerationPool pool_;
  OpenAiApi api_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace samara::lm
