// Tokenizer: byte-level BPE as Hugging Face's tokenizer.json states it (GPT-2, Llama 3 and Qwen2 style). A
// text is cut by a regular expression, each piece is merged from single bytes by rank; special tokens stand
// outside of that. Every byte string has an encoding and decode(encode(x)) == x. Immutable once made; const
// is safe to call concurrently. Training: bpe_trainer.h.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/lm/token.h"

namespace samara::lm {

class Tokenizer {
 public:
  /// Reads tokenizer.json. Errors: kInvalidData; kUnsupported for a model that is not byte-level BPE, a
  /// normalizer other than NFC, or a pre-tokenizer that is not a (sequence of) Split, Digits and ByteLevel.
  /// NFC is kept for to_json() but not applied: docs/formats/model-folder.md.
  static Result<Tokenizer> from_json(std::string_view json);
  /// tokenizer.json as the `tokenizers` library reads it; from_json(to_json()) is the same tokenizer.
  std::string to_json() const;

  /// @param pattern  PCRE2 pattern (UTF) whose matches become pieces, as do the texts between them
  /// @param merges   pairs of tokens' bytes, by rank
  /// @param specials names such as "<|end|>"; they get the first ids, then the 256 bytes, then the merges,
  ///                 but for those whose bytes are a token already
  static Result<Tokenizer> make(std::string pattern, std::vector<std::pair<std::string, std::string>> merges,
                                std::vector<std::string> specials);

  std::size_t size() const;  ///< ids are below this

  /// Tokens of plain text: names of special tokens inside it are text like any other. Added tokens that are
  /// not special (some foreign tokenizers have them) are found.
  Tokens encode(std::string_view text) const;
  /// Special tokens' names inside the text become those tokens, as Hugging Face's encode does.
  Tokens encode_with_specials(std::string_view text) const;
  /// Bytes of the tokens; special tokens give nothing. Ids that do not exist give nothing.
  std::string decode(std::span<const TokenId> tokens) const;

  /// A token's bytes; for a special token its name. Lives as long as the tokenizer.
  std::string_view bytes(TokenId token) const;
  bool is_special(TokenId token) const;
  std::optional<TokenId> special(std::string_view name) const;

 private:
  struct Impl;
  explicit Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace samara::lm
