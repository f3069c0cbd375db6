// What a client asks for, read from the JSON of the OpenAI protocol and checked. Nothing of a request is
// ignored that would change its answer: what this server cannot do is an error. Pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/lm/generator.h"
#include "samara/lm/model_config.h"
#include "samara/lm/tokenizer.h"

namespace samara::lm::serve {

/// An error in the protocol's form: {"error": {"message", "type", "param", "code"}}.
struct ApiError {
  int status = 400;
  std::string message;  ///< what, where, next step
  std::string param;    ///< the field at fault; empty: null
  std::string code;     ///< empty: null
  std::string type = "invalid_request_error";
};

/// What requests are checked against.
struct ServedModel {
  std::string id;
  Tokenizer tokenizer;
  std::size_t max_positions = 0;
  std::size_t longest_token = 1;  ///< bytes

  ServedModel(std::string name, Tokenizer model_tokenizer, const ModelConfig& config);
};

struct CompletionAsk {
  bool chat = false;
  std::vector<std::shared_ptr<const Tokens>>
      prompts;          ///< at least one; one for a chat; each leaves room for a token
  std::uint32_t n = 1;  ///< completions per prompt
  SamplingOptions sampling;
  std::vector<std::string> stops;
  std::optional<std::uint64_t> seed;
  bool stream = false;
  bool include_usage = false;       ///< a last event with the usage, when streaming
  bool skip_special_tokens = true;  ///< leave special tokens out of the text; else their names
};

/// @param chat the body is one of /v1/chat/completions
std::variant<CompletionAsk, ApiError> read_completion_ask(std::string_view body, bool chat,
                                                          const ServedModel& model);

}  // namespace samara::lm::serve
