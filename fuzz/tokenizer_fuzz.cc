// Fuzzes the reader of tokenizer.json, and the tokenizers that come of it: any text is a tokenizer or an
// error; a tokenizer that was read survives being written, and no text is lost in it. An input is the JSON
// and, behind a zero byte, a text to encode.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "samara/base/check.h"
#include "samara/lm/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara::lm;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t json_size = std::min(input.find('\0'), input.size());
  const auto tokenizer = Tokenizer::from_json(input.substr(0, json_size));
  if (!tokenizer.ok()) return 0;
  const std::string json = tokenizer->to_json();
  const auto again = Tokenizer::from_json(json);
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(again->to_json() == json);
  // Patterns that backtrack much are slow, not wrong: a short text is enough.
  const std::string_view text = input.substr(json_size).substr(0, 200);
  const Tokens tokens = tokenizer->encode(text);
  SAMARA_CHECK(tokenizer->decode(tokens) == text);
  SAMARA_CHECK(again->encode(text) == tokens);
  for (const TokenId token : tokenizer->encode_with_specials(text)) SAMARA_CHECK(token < tokenizer->size());
  return 0;
}
