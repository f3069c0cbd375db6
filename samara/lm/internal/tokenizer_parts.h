// TokenizerParts: what a tokenizer is made of, as plain data: between tokenizer.json (tokenizer_json.h) and
// the tables that encoding works with (tokenizer.cc). A value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/lm/internal/splitter.h"
#include "samara/lm/token.h"

namespace samara::lm::internal {

enum class TokenKind {
  kNone,     ///< no token has this id
  kBpe,      ///< a byte or a merge
  kOpaque,   ///< of the vocabulary, but not written in the byte alphabet: encoding never gives it
  kAdded,    ///< found in texts as a whole, before BPE
  kSpecial,  ///< the same, but not in plain text, and no text when decoded
};

struct Token {
  TokenKind kind = TokenKind::kNone;
  std::string bytes;
};

struct Merge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId merged = 0;  ///< the token whose bytes are left's and right's
};

struct TokenizerParts {
  std::vector<Splitter> splitters;
  std::vector<Token> tokens;   ///< by id; all 256 bytes are among them
  std::vector<Merge> merges;   ///< by rank, each pair once
  bool ignore_merges = false;  ///< a piece that is a token becomes that token, whatever the merges say
  bool nfc = false;            ///< the file asks for NFC; kept, not applied (docs/formats/model-folder.md)
  std::string post_processor;  ///< as in the file, JSON; empty: none
};

/// tokenizer.json. Errors: those of Tokenizer::from_json.
Result<TokenizerParts> read_tokenizer_json(std::string_view json);
std::string write_tokenizer_json(const TokenizerParts& parts);

}  // namespace samara::lm::internal
