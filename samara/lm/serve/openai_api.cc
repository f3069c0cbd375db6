#include "samara/lm/serve/openai_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "samara/lm/serve/internal/completion_call.h"
#include "samara/net/sse.h"

namespace samara::lm {
namespace {

using serve::ApiError;
using serve::ChoiceEvent;
using serve::CompletionAsk;
using serve::CompletionCall;
using Json = nlohmann::ordered_json;

/// How often a waiting request asks whether its reader is still there.
constexpr std::chrono::milliseconds kPatience{100};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const ApiError& error) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return {{"error",
           {{"message", error.message},
            {"type", error.type},
            {"param", or_null(error.param)},
            {"code", or_null(error.code)}}}};
}

HttpResponse respond(const ApiError& error) {
  HttpResponse response;
  response.status = error.status;
  response.body = dump(json_of(error));
  return response;
}

HttpResponse respond(const Json& json) {
  HttpResponse response;
  response.body = dump(json);
  return response;
}

ApiError server_error(const Error& error) {
  if (error.code == ErrorCode::kCancelled) return {503, error.message, "", "shutting_down", "server_error"};
  return {500, error.message, "", "", "server_error"};
}

/// Takes as long for a wrong key as for a right one.
bool same_secret(std::string_view a, std::string_view b) {
  std::size_t different = a.size() ^ b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |= static_cast<unsigned char>(a[i] ^ (b.empty() ? '\0' : b[i % b.size()]));
  }
  return different == 0;
}

/// Writes the objects of one request: of a whole response or of each event.
class Writer {
 public:
  Writer(const CompletionCall& call, std::string model, std::uint64_t id)
      : call_(call),
        model_(std::move(model)),
        id_(fmt::format("{}-{:016x}", chat() ? "chatcmpl" : "cmpl", id)) {}

  Json whole(const std::vector<ChoiceEvent>& choices) const {
    Json list = Json::array();
    for (const ChoiceEvent& choice : choices) {
      Json one{{"index", choice.choice}};
      if (chat()) {
        one["message"] = {{"role", "assistant"}, {"content", choice.text}};
      } else {
        one["text"] = choice.text;
      }
      one["logprobs"] = nullptr;
      one["finish_reason"] = choice.finish_reason;
      list.push_back(std::move(one));
    }
    Json json = envelope(chat() ? "chat.completion" : "text_completion", std::move(list));
    json["usage"] = usage();
    return json;
  }

  /// @param first for a chat: who speaks
  Json part(const ChoiceEvent& event, bool first = false) const {
    Json one{{"index", event.choice}};
    if (chat()) {
      one["delta"] = Json::object();
      if (first) one["delta"]["role"] = "assistant";
      if (first || !event.text.empty()) one["delta"]["content"] = event.text;
    } else {
      one["text"] = event.text;
    }
    one["logprobs"] = nullptr;
    one["finish_reason"] = event.finish_reason.empty() ? Json() : Json(event.finish_reason);
    return chunk(Json::array({std::move(one)}), Json());
  }

  Json usage_part() const { return chunk(Json::array(), usage()); }

 private:
  bool chat() const { return call_.ask().chat; }

  Json envelope(const char* object, Json choices) const {
    return {{"id", id_},
            {"object", object},
            {"created", created_},
            {"model", model_},
            {"choices", std::move(choices)}};
  }
  Json chunk(Json choices, Json used) const {
    Json json = envelope(chat() ? "chat.completion.chunk" : "text_completion", std::move(choices));
    if (call_.ask().include_usage) json["usage"] = std::move(used);
    return json;
  }
  Json usage() const {
    const std::size_t prompt = call_.prompt_tokens(), completion = call_.completion_tokens();
    return {
        {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
  }

  const CompletionCall& call_;
  const std::string model_;
  const std::string id_;
  const std::int64_t created_ = std::time(nullptr);
};

HttpResponse respond_whole(CompletionCall& call, const Writer& writer, const HttpRequest& request) {
  std::vector<ChoiceEvent> choices(call.choices());
  for (std::size_t i = 0; i < choices.size(); ++i) choices[i].choice = i;
  while (!call.finished()) {
    for (ChoiceEvent& event : call.wait(kPatience)) {
      choices[event.choice].text += event.text;
      choices[event.choice].finish_reason = event.finish_reason;
    }
    if (call.finished()) break;
    if (const auto error = call.error()) return respond(server_error(*error));
    if (!request.is_connected()) {
      call.abandon();
      return respond(ApiError{499, "the client has gone", "", "", "server_error"});
    }
  }
  return respond(writer.whole(choices));
}

void stream_events(CompletionCall& call, const Writer& writer, const std::function<bool()>& is_connected,
                   const HttpWriter& write) {
  const auto send = [&](const Json& json) { return write(sse_event(dump(json))); };
  bool there = true;
  if (call.ask().chat) {
    for (std::size_t i = 0; i < call.choices() && there; ++i) there = send(writer.part({i, "", ""}, true));
  }
  while (there && !call.finished()) {
    const std::vector<ChoiceEvent> events = call.wait(kPatience);
    for (const ChoiceEvent& event : events) there = there && send(writer.part(event));
    if (call.finished() || !there) break;
    if (const auto error = call.error()) {
      send(json_of(server_error(*error)));
      return call.abandon();
    }
    if (events.empty()) there = is_connected();
  }
  if (!there) return call.abandon();
  if (call.ask().include_usage) send(writer.usage_part());
  write(sse_event("[DONE]"));
}

}  // namespace

Tokens end_tokens(const ModelConfig& config, const Tokenizer& tokenizer) {
  Tokens tokens;
  if (config.eos_token) tokens.push_back(*config.eos_token);
  for (const char* name : {"<|end|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "</s>"}) {
    const std::optional<TokenId> token = tokenizer.special(name);
    if (token && std::find(tokens.begin(), tokens.end(), *token) == tokens.end()) tokens.push_back(*token);
  }
  return tokens;
}

OpenAiApi::OpenAiApi(const ModelConfig& config, const Tokenizer& tokenizer, GenerationPool& pool,
                     OpenAiApiOptions options)
    : model_(std::make_unique<const serve::ServedModel>(options.model_id, tokenizer, config)),
      end_tokens_(end_tokens(config, tokenizer)),
      pool_(pool),
      options_(std::move(options)) {}

OpenAiApi::~OpenAiApi() = default;

HttpResponse OpenAiApi::answer(const HttpRequest& request) {
  const std::string& path = request.path;
  const bool completions = path == "/v1/completions", chat = path == "/v1/chat/completions";
  const bool model_list = path == "/v1/models" || path.starts_with("/v1/models/");
  const bool health = path == "/health";
  if (!completions && !chat && !model_list && !health) {
    return respond(ApiError{404,
                            fmt::format("there is nothing at {}; there are /v1/models, /v1/completions and "
                                        "/v1/chat/completions",
                                        path.size() > 200 ? path.substr(0, 200) + "..." : path),
                            "", "not_found"});
  }
  const char* const method = completions || chat ? "POST" : "GET";
  if (request.method != method && !(request.method == "HEAD" && !completions && !chat)) {
    HttpResponse response = respond(ApiError{
        405, fmt::format("{} takes {}, not {}", path, method, request.method), "", "method_not_allowed"});
    response.headers["Allow"] = method;
    return response;
  }
  if (health) return respond(Json{{"status", "ok"}});
  if (!options_.api_key.empty() &&
      !same_secret(request.header("authorization"), "Bearer " + options_.api_key)) {
    HttpResponse response = respond(ApiError{
        401, "this server wants its API key; send it as 'Authorization: Bearer KEY'", "", "invalid_api_key"});
    response.headers["WWW-Authenticate"] = "Bearer";
    return response;
  }
  return model_list ? models(request) : complete(request, chat);
}

HttpResponse OpenAiApi::refusal(int status) {
  ApiError error;
  error.status = status;
  switch (status) {
    case 408:
      error.message = "the request did not come to its end in time; send it at once";
      error.code = "request_timeout";
      break;
    case 413:
      error.message = "the request's body is too large; send shorter prompts, or fewer at a time";
      error.code = "request_too_large";
      break;
    case 415:
      error.message = "the body must be JSON";
      break;
    case 500:
      error.message = "the server failed to answer; please report it";
      error.type = "server_error";
      break;
    default:
      error.message = "this is not an HTTP request that the server can read";
  }
  return respond(error);
}

HttpResponse OpenAiApi::models(const HttpRequest& request) const {
  const Json model{{"id", model_->id},
                   {"object", "model"},
                   {"created", options_.created},
                   {"owned_by", "samara"},
                   {"max_model_len", model_->max_positions}};
  if (request.path == "/v1/models") return respond(Json{{"object", "list"}, {"data", Json::array({model})}});
  if (request.path == "/v1/models/" + model_->id) return respond(model);
  return respond(ApiError{404, fmt::format("no such model; the one that is served here: '{}'", model_->id),
                          "model", "model_not_found"});
}

HttpResponse OpenAiApi::complete(const HttpRequest& request, bool chat) {
  auto read = serve::read_completion_ask(request.body, chat, *model_);
  if (const auto* error = std::get_if<ApiError>(&read)) return respond(*error);
  const auto call =
      std::make_shared<CompletionCall>(std::get<CompletionAsk>(std::move(read)), *model_, end_tokens_);

  if (call->choices() > pool_.max_waiting()) {
    return respond(ApiError{400,
                            fmt::format("{} completions are too many for one request; ask for at most {}",
                                        call->choices(), pool_.max_waiting()),
                            "n", ""});
  }
  // A seed of the client's alone decides what it gets; without one, every request gets something else.
  const std::uint32_t number = ++requests_;
  const std::optional<std::uint64_t> seed = call->ask().seed;
  if (!pool_.submit(seed ? call->jobs(*seed, 0) : call->jobs(options_.seed, number))) {
    HttpResponse response = respond(ApiError{429, "too many requests are waiting; try again in a moment", "",
                                             "queue_full", "rate_limit_error"});
    response.headers["Retry-After"] = "1";
    return response;
  }
  const auto writer = std::make_shared<const Writer>(*call, model_->id, (options_.seed << 32) + number);
  if (!call->ask().stream) return respond_whole(*call, *writer, request);

  HttpResponse response;
  response.content_type = kEventStream;
  response.headers["Cache-Control"] = "no-cache";
  response.stream = [call, writer, is_connected = request.is_connected](const HttpWriter& write) {
    stream_events(*call, *writer, is_connected, write);
  };
  return response;
}

}  // namespace samara::lm
