// OpenAiApi: answers HTTP requests in the OpenAI protocol: models, completions and chats, whole or as
// server-sent events. docs/lm-serve.md says what of the protocol it has. Called by several threads at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "samara/lm/model_config.h"
#include "samara/lm/serve/generation_pool.h"
#include "samara/lm/tokenizer.h"
#include "samara/net/http_server.h"

namespace samara::lm {

namespace serve {
struct ServedModel;
class CompletionCall;
}  // namespace serve

/// What ends a completion: the config's end token, and special tokens that have its usual names.
Tokens end_tokens(const ModelConfig& config, const Tokenizer& tokenizer);

struct OpenAiApiOptions {
  std::string model_id = "model";  ///< what requests call the model
  std::string api_key;             ///< what requests must present; empty: nothing
  std::uint64_t seed = 0;          ///< of the random numbers of requests that bring no seed
  std::int64_t created = 0;        ///< Unix time that /v1/models gives for the model
};

class OpenAiApi {
 public:
  /// @param pool borrowed; its stop tokens are end_tokens(config, tokenizer)
  OpenAiApi(const ModelConfig& config, const Tokenizer& tokenizer, GenerationPool& pool,
            OpenAiApiOptions options);
  ~OpenAiApi();

  HttpResponse answer(const HttpRequest& request);
  /// The response to a request that the HTTP server refuses before it comes here.
  static HttpResponse refusal(int status);

 private:
  HttpResponse models(const HttpRequest& request) const;
  HttpResponse complete(const HttpRequest& request, bool chat);

  const std::unique_ptr<const serve::ServedModel> model_;
  const Tokens end_tokens_;
  GenerationPool& pool_;
  const OpenAiApiOptions options_;
  std::atomic<std::uint32_t> requests_{0};
};

}  // namespace samara::lm
