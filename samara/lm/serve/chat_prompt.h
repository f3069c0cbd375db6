// The prompt of a chat. Templates of Hugging Face models are Jinja programs, which this does not run: a
// tokenizer that has <|im_start|> and <|im_end|> gets ChatML, any other a plain "role: content" per line. A
// pure function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "samara/lm/tokenizer.h"

namespace samara::lm {

struct ChatMessage {
  std::string role;  ///< "system", "user", "assistant"
  std::string content;
};

struct ChatPrompt {
  Tokens tokens;
  std::vector<std::string> stops;  ///< strings at which the answer ends, besides the model's own end
};

/// Names of special tokens in contents are text like any other.
ChatPrompt chat_prompt(const Tokenizer& tokenizer, std::span<const ChatMessage> messages);

}  // namespace samara::lm
