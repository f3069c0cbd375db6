#include "samara/lm/internal/bpe.h"

#include <algorithm>
#include <queue>
#include <tuple>

namespace samara::lm::internal {
namespace {

// Up to this many bytes a search for the lowest rank after every merge beats a heap.
constexpr std::size_t kShort = 64;

}  // namespace

Bpe::Bpe(const TokenizerParts& parts) : parts_(parts), ranks_(parts.merges.size()) {
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    const Token& token = parts.tokens[id];
    if (token.kind == TokenKind::kBpe && token.bytes.size() == 1) {
      byte_tokens_[static_cast<std::uint8_t>(token.bytes[0])] = id;
    }
  }
  for (std::uint32_t rank = 0; rank < parts.merges.size(); ++rank) {
    SAMARA_CHECK(ranks_.add(parts.merges[rank].left, parts.merges[rank].right, rank));
  }
  Scratch scratch;
  Tokens merged;
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    const Token& token = parts.tokens[id];
    if (token.kind != TokenKind::kBpe) continue;
    merged.clear();
    merge(token.bytes, scratch, merged);
    if (!parts.ignore_merges && (merged.size() != 1 || merged[0] != id)) continue;
    whole_.emplace(token.bytes, id);
    longest_whole_ = std::max(longest_whole_, token.bytes.size());
  }
}

void Bpe::encode_piece(std::string_view piece, Scratch& scratch, Tokens& out) const {
  if (piece.size() == 1) {
    out.push_back(byte_tokens_[static_cast<std::uint8_t>(piece[0])]);
    return;
  }
  if (piece.size() <= longest_whole_) {
    if (const auto it = whole_.find(piece); it != whole_.end()) {
      out.push_back(it->second);
      return;
    }
  }
  merge(piece, scratch, out);
}

void Bpe::merge(std::string_view piece, Scratch& scratch, Tokens& out) const {
  auto& [ids, ranks] = scratch;
  ids.resize(piece.size());
  ranks.resize(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    ids[i] = byte_tokens_[static_cast<std::uint8_t>(piece[i])];
    if (i > 0) ranks[i - 1] = ranks_.find(ids[i - 1], ids[i]);
  }
  ranks.back() = PairRanks::kNone;
  piece.size() <= kShort ? merge_short(scratch) : merge_long(scratch);
  out.insert(out.end(), ids.begin(), ids.end());
}

/// ranks[i] is the rank of (ids[i], ids[i + 1]).
void Bpe::merge_short(Scratch& scratch) const {
  auto& [ids, ranks] = scratch;
  while (true) {
    const auto lowest = std::min_element(ranks.begin(), ranks.end());
    if (*lowest == PairRanks::kNone) return;
    const std::size_t i = static_cast<std::size_t>(lowest - ranks.begin());
    ids[i] = parts_.merges[*lowest].merged;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    ranks.erase(lowest);
    if (i + 1 < ids.size()) ranks[i] = ranks_.find(ids[i], ids[i + 1]);
    if (i > 0) ranks[i - 1] = ranks_.find(ids[i - 1], ids[i]);
  }
}

/// The same with a heap of pairs and a list of what is left: n log n.
void Bpe::merge_long(Scratch& scratch) const {
  Tokens& ids = scratch.ids;
  std::vector<std::uint32_t>& ranks = scratch.ranks;
  const std::size_t size = ids.size();
  std::vector<std::size_t> previous(size);
  std::vector<std::size_t> next(size);  // of an element that is left; size: none
  std::vector<bool> gone(size, false);
  using Candidate = std::pair<std::uint32_t, std::size_t>;  // rank, position of the left part
  std::vector<Candidate> initial;
  for (std::size_t i = 0; i < size; ++i) {
    previous[i] = i - 1;
    next[i] = i + 1;
    if (ranks[i] != PairRanks::kNone) initial.emplace_back(ranks[i], i);
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap(std::greater<>(),
                                                                              std::move(initial));
  const auto update = [&](std::size_t i) {
    ranks[i] = next[i] == size ? PairRanks::kNone : ranks_.find(ids[i], ids[next[i]]);
    if (ranks[i] != PairRanks::kNone) heap.emplace(ranks[i], i);
  };
  while (!heap.empty()) {
    const auto [rank, i] = heap.top();
    heap.pop();
    if (gone[i] || ranks[i] != rank) continue;  // what the pair was made of has been merged since
    const std::size_t right = next[i];
    ids[i] = parts_.merges[rank].merged;
    gone[right] = true;
    next[i] = next[right];
    if (next[i] != size) previous[next[i]] = i;
    update(i);
    if (i > 0) update(previous[i]);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; i = next[i]) ids[kept++] = ids[i];
  ids.resize(kept);
}

}  // namespace samara::lm::internal
