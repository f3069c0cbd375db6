#include "samara/lm/serve/chat_prompt.h"

namespace samara::lm {

ChatPrompt chat_prompt(const Tokenizer& tokenizer, std::span<const ChatMessage> messages) {
  const auto start = tokenizer.special("<|im_start|>"), end = tokenizer.special("<|im_end|>");
  ChatPrompt prompt;
  const auto add = [&](const std::string& text) {
    const Tokens tokens = tokenizer.encode(text);
    prompt.tokens.insert(prompt.tokens.end(), tokens.begin(), tokens.end());
  };
  if (start && end) {
    for (const ChatMessage& message : messages) {
      prompt.tokens.push_back(*start);
      add(message.role + "\n" + message.content);
      prompt.tokens.push_back(*end);
      add("\n");
    }
    prompt.tokens.push_back(*start);
    add("assistant\n");
    return prompt;
  }
  std::string text;
  for (const ChatMessage& message : messages) text += message.role + ": " + message.content + "\n";
  add(text + "assistant:");
  prompt.stops = {"\nuser:", "\nsystem:"};
  return prompt;
}

}  // namespace samara::lm
