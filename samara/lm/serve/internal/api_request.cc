#include "samara/lm/serve/internal/api_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "samara/base/text.h"
#include "samara/lm/serve/chat_prompt.h"

namespace samara::lm::serve {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxPrompts = 256;
constexpr std::int64_t kMaxChoices = 128;
constexpr std::size_t kMaxStops = 16, kMaxStopBytes = 256;
constexpr int kMaxDepth = 64;  // of the JSON, far beyond what requests have

/// Reads the fields of an object; remembers the first error.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  const std::optional<ApiError>& error() const { return error_; }
  void fail(std::string_view field, const std::string& what, const char* code = "") {
    if (!error_) error_ = ApiError{400, fmt::format("'{}' {}", field, what), std::string(field), code};
  }

  /// The field's value; null for one that is missing or null.
  const Json& get(const char* field) const {
    static const Json null;
    const auto found = object_.find(field);
    return found == object_.end() ? null : *found;
  }
  bool has(const char* field) const { return !get(field).is_null(); }

  bool boolean(const char* field, bool otherwise) {
    const Json& value = get(field);
    if (value.is_null()) return otherwise;
    if (!value.is_boolean()) return fail(field, "must be true or false"), otherwise;
    return value.get<bool>();
  }
  double number(const char* field, double low, double high, double otherwise) {
    const Json& value = get(field);
    if (value.is_null()) return otherwise;
    const double number = value.is_number() ? value.get<double>() : NAN;
    if (!(number >= low && number <= high)) {
      return fail(field, fmt::format("must be a number from {:g} to {:g}", low, high)), otherwise;
    }
    return number;
  }
  std::int64_t integer(const char* field, std::int64_t low, std::int64_t high, std::int64_t otherwise) {
    const Json& value = get(field);
    if (value.is_null()) return otherwise;
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(high)
                          : value.is_number_integer();
    if (!fits || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
      return fail(field, fmt::format("must be a whole number from {} to {}", low, high)), otherwise;
    }
    return value.get<std::int64_t>();
  }
  /// A field that this server only knows one value of.
  void only(const char* field, const Json& neutral) {
    const Json& value = get(field);
    if (value.is_null() || value == neutral || (value.empty() && value.is_structured())) return;
    fail(field, "is not supported by this server; leave it out", "unsupported_parameter");
  }

 private:
  const Json& object_;
  std::optional<ApiError> error_;
};

std::vector<std::string> read_stops(Fields& fields) {
  const Json& value = fields.get("stop");
  std::vector<std::string> stops;
  if (value.is_string()) stops.push_back(value.get<std::string>());
  if (value.is_array()) {
    for (const Json& one : value) {
      if (!one.is_string()) return fields.fail("stop", "must be a string or a list of strings"), stops;
      stops.push_back(one.get<std::string>());
    }
  } else if (!value.is_null() && !value.is_string()) {
    fields.fail("stop", "must be a string or a list of strings");
  }
  const bool good = std::all_of(stops.begin(), stops.end(), [](const std::string& stop) {
    return !stop.empty() && stop.size() <= kMaxStopBytes;
  });
  if (!good || stops.size() > kMaxStops) {
    fields.fail("stop", fmt::format("takes up to {} strings of 1 to {} bytes", kMaxStops, kMaxStopBytes));
  }
  return stops;
}

ApiError too_long(const char* field, std::string_view tokens, const ServedModel& model) {
  return {400,
          fmt::format("this model's context has {} tokens, and the prompt alone has {}; shorten the prompt",
                      model.max_positions, tokens),
          field, "context_length_exceeded"};
}

/// A text that cannot fit is not encoded: that would take time.
std::optional<ApiError> check_bytes(const char* field, std::size_t bytes, const ServedModel& model) {
  if (bytes / model.longest_token < model.max_positions) return std::nullopt;
  return too_long(field, fmt::format("at least {}", bytes / model.longest_token), model);
}

std::optional<ApiError> add_prompt(const char* field, Tokens tokens, const ServedModel& model,
                                   CompletionAsk& ask) {
  if (tokens.empty()) {
    return ApiError{400, fmt::format("'{}' is empty; it needs at least one token", field), field, ""};
  }
  if (tokens.size() >= model.max_positions) return too_long(field, fmt::format("{}", tokens.size()), model);
  ask.prompts.push_back(std::make_shared<const Tokens>(std::move(tokens)));
  return std::nullopt;
}

bool is_token_list(const Json& value) {
  return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const Json& item) {
           return item.is_number_unsigned() || item.is_number_integer();
         });
}

/// A text or a list of token ids.
std::optional<ApiError> read_prompt(const Json& value, const ServedModel& model, CompletionAsk& ask) {
  const char* const field = "prompt";
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (auto error = check_bytes(field, text.size(), model)) return error;
    return add_prompt(field, model.tokenizer.encode_with_specials(text), model, ask);
  }
  if (!is_token_list(value)) {
    return ApiError{
        400, "'prompt' must be a string, a list of strings, a list of token ids or a list of such lists",
        field, ""};
  }
  Tokens tokens;
  for (const Json& item : value) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() >= model.tokenizer.size()) {
      return ApiError{
          400,
          fmt::format("'prompt' has a token id {} that the model does not have; its ids are 0 to {}",
                      item.dump(), model.tokenizer.size() - 1),
          field, ""};
    }
    tokens.push_back(item.get<TokenId>());
  }
  return add_prompt(field, std::move(tokens), model, ask);
}

std::optional<ApiError> read_prompts(const Json& value, const ServedModel& model, CompletionAsk& ask) {
  if (!value.is_array() || is_token_list(value)) return read_prompt(value, model, ask);
  if (value.empty() || value.size() > kMaxPrompts) {
    return ApiError{400, fmt::format("'prompt' has {} prompts; it takes 1 to {}", value.size(), kMaxPrompts),
                    "prompt", ""};
  }
  for (const Json& one : value) {
    if (auto error = read_prompt(one, model, ask)) return error;
  }
  return std::nullopt;
}

/// A text, or a list of parts that are texts.
std::optional<std::string> read_content(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "";
  if (!value.is_array()) return std::nullopt;
  std::string text;
  for (const Json& part : value) {
    if (!part.is_object() || part.value("type", Json()) != "text") return std::nullopt;
    const auto found = part.find("text");
    if (found == part.end() || !found->is_string()) return std::nullopt;
    text += found->get_ref<const std::string&>();
  }
  return text;
}

std::optional<ApiError> read_messages(const Json& value, const ServedModel& model, CompletionAsk& ask) {
  const char* const field = "messages";
  if (!value.is_array() || value.empty()) {
    return ApiError{400, "'messages' must be a list of at least one {\"role\", \"content\"}", field, ""};
  }
  std::vector<ChatMessage> messages;
  std::size_t bytes = 0;
  for (const Json& item : value) {
    const auto where = fmt::format("messages[{}]", messages.size());
    if (!item.is_object())
      return ApiError{400, where + " must be an object with 'role' and 'content'", field, ""};
    const Json role = item.value("role", Json());
    if (role != "system" && role != "developer" && role != "user" && role != "assistant") {
      return ApiError{400, where + " needs a 'role': system, developer, user or assistant", field, ""};
    }
    const std::optional<std::string> content = read_content(item.value("content", Json()));
    if (!content) {
      return ApiError{400, where + " has a 'content' that is neither a text nor a list of text parts", field,
                      ""};
    }
    bytes += content->size();
    messages.push_back({role == "developer" ? "system" : role.get<std::string>(), *content});
  }
  if (auto error = check_bytes(field, bytes, model)) return error;
  ChatPrompt prompt = chat_prompt(model.tokenizer, messages);
  ask.stops.insert(ask.stops.end(), prompt.stops.begin(), prompt.stops.end());
  return add_prompt(field, std::move(prompt.tokens), model, ask);
}

std::optional<ApiError> check_model(const Json& value, const ServedModel& model) {
  if (value.is_null() || value == model.id) return std::nullopt;
  if (!value.is_string()) return ApiError{400, "'model' must be a string", "model", ""};
  return ApiError{404,
                  fmt::format("the model '{}' is not served here; the one that is: '{}'",
                              one_line(value.get<std::string>(), 100), model.id),
                  "model", "model_not_found"};
}

void refuse_unsupported(Fields& fields, bool chat) {
  if (chat) {
    fields.only("logprobs", false);
    fields.only("top_logprobs", 0);
    fields.only("tools", Json::array());
    fields.only("functions", Json::array());
    fields.only("response_format", Json{{"type", "text"}});
  } else {
    fields.only("logprobs", false);
    fields.only("echo", false);
    fields.only("suffix", "");
    fields.only("best_of", fields.has("n") ? fields.get("n") : Json(1));
  }
  fields.only("frequency_penalty", 0);
  fields.only("presence_penalty", 0);
  fields.only("repetition_penalty", 1);
  fields.only("min_p", 0);
  fields.only("logit_bias", Json::object());
}

}  // namespace

ServedModel::ServedModel(std::string name, Tokenizer model_tokenizer, const ModelConfig& config)
    : id(std::move(name)), tokenizer(std::move(model_tokenizer)), max_positions(config.max_positions) {
  for (TokenId token = 0; token < tokenizer.size(); ++token) {
    longest_token = std::max(longest_token, tokenizer.bytes(token).size());
  }
}

std::variant<CompletionAsk, ApiError> read_completion_ask(std::string_view body, bool chat,
                                                          const ServedModel& model) {
  if (sanitize_utf8(body) != body) {
    return ApiError{400, "the body is not valid UTF-8; JSON texts are encoded in UTF-8", "", "invalid_utf8"};
  }
  if (json_depth(body) > kMaxDepth) {
    return ApiError{400, fmt::format("the body is nested deeper than {} levels", kMaxDepth), "",
                    "invalid_json"};
  }
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return ApiError{400,
                    json.is_discarded() ? "the body is not valid JSON" : "the body must be a JSON object", "",
                    "invalid_json"};
  }
  Fields fields(json);
  if (auto error = check_model(fields.get("model"), model)) return *std::move(error);
  refuse_unsupported(fields, chat);

  CompletionAsk ask;
  ask.chat = chat;
  ask.n = static_cast<std::uint32_t>(fields.integer("n", 1, kMaxChoices, 1));
  ask.sampling.temperature = static_cast<float>(fields.number("temperature", 0, 2, 1));
  ask.sampling.top_p = static_cast<float>(fields.number("top_p", 0, 1, 1));
  ask.sampling.top_k =
      static_cast<std::uint32_t>(std::max<std::int64_t>(0, fields.integer("top_k", -1, 1 << 30, 0)));
  const char* const limit =
      chat && fields.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
  const std::int64_t most = std::int64_t{1} << 30;
  ask.sampling.max_tokens = static_cast<std::uint32_t>(fields.integer(limit, 1, most, chat ? most : 16));
  ask.stops = read_stops(fields);
  if (fields.has("seed")) {
    ask.seed = static_cast<std::uint64_t>(fields.integer("seed", INT64_MIN, INT64_MAX, 0));
  }
  ask.stream = fields.boolean("stream", false);
  ask.skip_special_tokens = fields.boolean("skip_special_tokens", true);
  if (const Json& options = fields.get("stream_options"); !options.is_null()) {
    if (!options.is_object()) {
      fields.fail("stream_options", "must be an object");
    } else if (!ask.stream) {
      fields.fail("stream_options", "is only for requests with 'stream': true");
    } else {
      Fields inner(options);
      ask.include_usage = inner.boolean("include_usage", false);
      if (inner.error()) fields.fail("stream_options", "needs true or false for 'include_usage'");
    }
  }
  if (fields.error()) return *fields.error();
  auto error = chat ? read_messages(fields.get("messages"), model, ask)
                    : read_prompts(fields.get("prompt"), model, ask);
  if (error) return *std::move(error);
  return ask;
}

}  // namespace samara::lm::serve
