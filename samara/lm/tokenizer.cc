#include "samara/lm/tokenizer.h"

#include <algorithm>
#include <array>

#include "samara/base/text.h"
#include "samara/lm/internal/bpe.h"
#include "samara/lm/internal/byte_alphabet.h"
#include "samara/lm/internal/tokenizer_parts.h"

namespace samara::lm {

using internal::Token;
using internal::TokenizerParts;
using internal::TokenKind;

namespace {

/// Finds names of added tokens in texts: the leftmost, the longest of those that begin there.
class NameFinder {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;  ///< == begin: none
    TokenId token = 0;
  };

  /// Finds tokens of kind kAdded, and kSpecial if `specials`. `tokens` must outlive this.
  NameFinder(const std::vector<Token>& tokens, bool specials) {
    for (TokenId id = 0; id < tokens.size(); ++id) {
      const TokenKind kind = tokens[id].kind;
      if (kind != TokenKind::kAdded && (kind != TokenKind::kSpecial || !specials)) continue;
      by_first_byte_[static_cast<std::uint8_t>(tokens[id].bytes[0])].push_back({tokens[id].bytes, id});
      any_ = true;
    }
    for (auto& names : by_first_byte_) {
      std::sort(names.begin(), names.end(),
                [](const Name& a, const Name& b) { return a.text.size() > b.text.size(); });
    }
  }

  /// The first match at or behind `from`; none: begin and end are the text's end.
  Match find(std::string_view text, std::size_t from) const {
    for (std::size_t i = any_ ? from : text.size(); i < text.size(); ++i) {
      for (const Name& name : by_first_byte_[static_cast<std::uint8_t>(text[i])]) {
        if (text.substr(i).starts_with(name.text)) return {i, i + name.text.size(), name.id};
      }
    }
    return {text.size(), text.size(), 0};
  }

 private:
  struct Name {
    std::string_view text;
    TokenId id;
  };
  std::array<std::vector<Name>, 256> by_first_byte_;
  bool any_ = false;
};

}  // namespace

struct Tokenizer::Impl {
  TokenizerParts parts;
  internal::Bpe bpe;
  NameFinder added;
  NameFinder added_and_specials;
  std::unordered_map<std::string_view, TokenId> specials;

  explicit Impl(TokenizerParts p)
      : parts(std::move(p)), bpe(parts), added(parts.tokens, false), added_and_specials(parts.tokens, true) {
    for (TokenId id = 0; id < parts.tokens.size(); ++id) {
      if (parts.tokens[id].kind == TokenKind::kSpecial) specials.emplace(parts.tokens[id].bytes, id);
    }
  }

  Tokens encode(std::string_view text, const NameFinder& names) const {
    Tokens tokens;
    tokens.reserve(text.size() / 3 + 1);
    internal::PieceWalker walker(parts.splitters);
    internal::Bpe::Scratch scratch;
    std::size_t position = 0;
    while (position < text.size()) {
      const NameFinder::Match name = names.find(text, position);
      walker.for_each(text.substr(position, name.begin - position),
                      [&](std::string_view piece) { bpe.encode_piece(piece, scratch, tokens); });
      if (name.end > name.begin) tokens.push_back(name.token);
      position = name.end;
    }
    return tokens;
  }
};

Result<Tokenizer> Tokenizer::from_json(std::string_view json) {
  SAMARA_TRY(TokenizerParts parts, internal::read_tokenizer_json(json));
  return Tokenizer(std::make_shared<const Impl>(std::move(parts)));
}

std::string Tokenizer::to_json() const {
  return internal::write_tokenizer_json(impl_->parts);
}

Result<Tokenizer> Tokenizer::make(std::string pattern,
                                  std::vector<std::pair<std::string, std::string>> merges,
                                  std::vector<std::string> specials) {
  TokenizerParts parts;
  SAMARA_TRY(auto splitter, internal::Splitter::compile(std::move(pattern)));
  parts.splitters.push_back(std::move(splitter));

  // Keys of the file's vocabulary, where specials and byte-level tokens must not meet.
  std::unordered_map<std::string, TokenId> ids;
  const auto add = [&](TokenKind kind, std::string bytes, std::string key) {
    const TokenId id = static_cast<TokenId>(parts.tokens.size());
    parts.tokens.push_back({kind, std::move(bytes)});
    return ids.emplace(std::move(key), id).second;
  };
  for (std::string& name : specials) {
    if (name.empty() || internal::utf8_prefix(name) != name.size()) {
      return make_error(ErrorCode::kInvalidArgument, "special token {} is empty or not UTF-8",
                        parts.tokens.size());
    }
    if (!add(TokenKind::kSpecial, name, name)) {
      return make_error(ErrorCode::kInvalidArgument, "special token \"{}\" is there twice", name);
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    if (!add(TokenKind::kBpe, bytes, internal::to_byte_alphabet(bytes))) {
      return make_error(ErrorCode::kInvalidArgument,
                        "special token \"{}\" is the name of a byte; give it another name",
                        internal::to_byte_alphabet(bytes));
    }
  }
  const auto find = [&](const std::string& bytes) {
    const auto it = ids.find(internal::to_byte_alphabet(bytes));
    const bool found = it != ids.end() && parts.tokens[it->second].kind == TokenKind::kBpe;
    return found ? std::optional(it->second) : std::nullopt;
  };
  internal::PairRanks ranks(merges.size());
  for (const auto& merge : merges) {
    const std::string& left = merge.first;
    const std::string& right = merge.second;
    const std::uint32_t rank = static_cast<std::uint32_t>(parts.merges.size());
    const std::optional<TokenId> left_id = find(left);
    const std::optional<TokenId> right_id = find(right);
    const auto error = [&](const char* what) {
      return make_error(ErrorCode::kInvalidArgument, "merge {} (\"{}\", \"{}\") {}", rank,
                        sanitize_utf8(left), sanitize_utf8(right), what);
    };
    if (!left_id || !right_id) return error("is of tokens that no merge before it made");
    if (!ranks.add(*left_id, *right_id, rank)) return error("is there twice");
    std::string merged = left + right;
    std::optional<TokenId> merged_id = find(merged);
    if (!merged_id) {
      merged_id = static_cast<TokenId>(parts.tokens.size());
      std::string key = internal::to_byte_alphabet(merged);
      if (!add(TokenKind::kBpe, std::move(merged), std::move(key))) return error("makes a special token");
    }
    parts.merges.push_back({*left_id, *right_id, *merged_id});
  }
  return Tokenizer(std::make_shared<const Impl>(std::move(parts)));
}

std::size_t Tokenizer::size() const {
  return impl_->parts.tokens.size();
}

Tokens Tokenizer::encode(std::string_view text) const {
  return impl_->encode(text, impl_->added);
}

Tokens Tokenizer::encode_with_specials(std::string_view text) const {
  return impl_->encode(text, impl_->added_and_specials);
}

std::string Tokenizer::decode(std::span<const TokenId> tokens) const {
  std::string text;
  for (const TokenId token : tokens) {
    if (!is_special(token)) text += bytes(token);
  }
  return text;
}

std::string_view Tokenizer::bytes(TokenId token) const {
  return token < size() ? std::string_view(impl_->parts.tokens[token].bytes) : std::string_view();
}

bool Tokenizer::is_special(TokenId token) const {
  return token < size() && impl_->parts.tokens[token].kind == TokenKind::kSpecial;
}

std::optional<TokenId> Tokenizer::special(std::string_view name) const {
  const auto it = impl_->specials.find(name);
  return it == impl_->specials.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace samara::lm
