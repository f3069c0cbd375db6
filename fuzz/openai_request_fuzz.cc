// Fuzzes what clients send to `samara lm serve`: any body, taken for a completion and for a chat, is answered
// with choices, whole or as a stream, or with an error object that says what is wrong.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "samara/base/check.h"
#include "samara/lm/generator.h"
#include "samara/lm/serve/openai_api.h"

namespace {

using namespace samara;
using namespace samara::lm;
using nlohmann::json;

/// Completes a prompt with its own beginning.
class Echo final : public Generator {
 public:
  Result<std::vector<Generation>> generate(std::span<const GenerationRequest> requests) override {
    std::vector<Generation> generations;
    for (const GenerationRequest& request : requests) {
      Generation& generation = generations.emplace_back();
      const std::size_t most = std::min<std::size_t>(request.sampling.max_tokens, 8);
      while (generation.tokens.size() < most) {
        const TokenId token = request.prompt[generation.tokens.size() % request.prompt.size()];
        if (request.filter != nullptr && !request.filter->allows(token)) break;
        generation.tokens.push_back(token);
        if (request.filter != nullptr) request.filter->accept(token);
        const auto stops = request.stop_tokens;
        if (std::find(stops.begin(), stops.end(), token) != stops.end()) break;
      }
    }
    return generations;
  }
};

struct Server {
  Server() {
    config.max_positions = 256;
    std::vector<std::unique_ptr<Generator>> generators;
    generators.push_back(std::make_unique<Echo>());
    pool = std::make_unique<GenerationPool>(std::move(generators), end_tokens(config, tokenizer));
    OpenAiApiOptions options;
    options.model_id = "test";
    api = std::make_unique<OpenAiApi>(config, tokenizer, *pool, options);
  }

  ModelConfig config;
  Tokenizer tokenizer = Tokenizer::make("[a-z]+", {}, {"<|end|>", "<|im_start|>", "<|im_end|>"}).value();
  std::unique_ptr<GenerationPool> pool;
  std::unique_ptr<OpenAiApi> api;
};

/// The body is the object of a whole response or of one event.
void check_object(std::string_view body, const char* member) {
  const json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  SAMARA_CHECK(object.is_object() && object.contains(member));
}

void check_stream(std::string_view events) {
  constexpr std::string_view kData = "data: ", kDone = "[DONE]";
  std::string_view event;
  while (!events.empty()) {
    SAMARA_CHECK(event != kDone);  // nothing comes after it
    const std::size_t end = events.find("\n\n");
    SAMARA_CHECK(events.starts_with(kData) && end != std::string_view::npos);
    event = events.substr(kData.size(), end - kData.size());
    events.remove_prefix(end + 2);
    if (event != kDone) check_object(event, "choices");
  }
  SAMARA_CHECK(event == kDone);
}

void ask(OpenAiApi& api, const char* path, std::string_view body) {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.body = body;
  request.is_connected = [] { return true; };
  const HttpResponse response = api.answer(request);
  if (response.status != 200) {
    SAMARA_CHECK(response.status >= 400 && response.status < 500);
    check_object(response.body, "error");
    SAMARA_CHECK(!json::parse(response.body)["error"]["message"].get<std::string>().empty());
  } else if (response.stream) {
    std::string events;
    response.stream([&](std::string_view part) {
      events += part;
      return true;
    });
    check_stream(events);
  } else {
    check_object(response.body, "choices");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Server server;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const char* path : {"/v1/completions", "/v1/chat/completions"}) ask(*server.api, path, body);
  return 0;
}
