// Bpe: pieces of text to tokens by merging single bytes, lowest rank first, leftmost among equals. Const is
// safe to call concurrently, each caller with its own Scratch.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "samara/lm/internal/pair_ranks.h"
#include "samara/lm/internal/tokenizer_parts.h"

namespace samara::lm::internal {

class Bpe {
 public:
  /// Memory that encoding a piece needs, reused from piece to piece.
  struct Scratch {
    std::vector<TokenId> ids;
    std::vector<std::uint32_t> ranks;
  };

  /// @param parts  must outlive this and stay where it is
  explicit Bpe(const TokenizerParts& parts);

  void encode_piece(std::string_view piece, Scratch& scratch, Tokens& out) const;

 private:
  void merge(std::string_view piece, Scratch& scratch, Tokens& out) const;
  void merge_short(Scratch& scratch) const;
  void merge_long(Scratch& scratch) const;

  const TokenizerParts& parts_;
  std::array<TokenId, 256> byte_tokens_{};
  PairRanks ranks_;
  /// Pieces that become one token; most pieces of ordinary text are among them.
  std::unordered_map<std::string_view, TokenId> whole_;
  std::size_t longest_whole_ = 0;
};

}  // namespace samara::lm::internal
