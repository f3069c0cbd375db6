#include "samara/lm/bpe_trainer.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "samara/lm/internal/byte_alphabet.h"
#include "samara/lm/internal/splitter.h"

namespace samara::lm {
namespace {

using Symbol = std::uint32_t;    // index into the symbols' bytes; the 256 bytes come first
using Position = std::uint32_t;  // a place in the chain of all unique pieces
using Pair = std::pair<Symbol, Symbol>;

struct TransparentHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using PieceCounts = std::unordered_map<std::string, std::uint64_t, TransparentHash, std::equal_to<>>;

struct PairHash {
  std::size_t operator()(const Pair& pair) const {
    return (std::uint64_t{pair.first} << 32 | pair.second) * 0x9e3779b97f4a7c15U >> 16;
  }
};

PieceCounts count_pieces(std::span<const std::string> texts,
                         const std::vector<internal::Splitter>& splitters) {
  PieceCounts counts;
  internal::PieceWalker walker(splitters);
  for (const std::string& text : texts) {
    walker.for_each(text, [&](std::string_view piece) {
      if (piece.size() < 2) return;  // there is nothing to merge
      if (const auto it = counts.find(piece); it != counts.end()) {
        ++it->second;
      } else {
        counts.emplace(piece, 1);
      }
    });
  }
  return counts;
}

/// All unique pieces as one doubly linked chain of symbols. Merging a pair visits the places where it occurs
/// and nothing else, and keeps the counts of the pairs around them.
class Chain {
 public:
  struct Occurrences {
    std::uint64_t count = 0;  ///< in all texts
    std::vector<Position>
        positions;  ///< of the left symbol; those that are no longer there may be among them
  };

  explicit Chain(const PieceCounts& counts) {
    for (const auto& [piece, count] : counts) {
      for (std::size_t i = 0; i < piece.size(); ++i) {
        const Position here = static_cast<Position>(links_.size());
        links_.push_back({static_cast<std::uint8_t>(piece[i]), i == 0 ? kEnd : here - 1,
                          i + 1 == piece.size() ? kEnd : here + 1, count});
      }
    }
    for (Position i = 0; i < links_.size(); ++i) add(i);
    touched_.clear();
  }

  static constexpr std::size_t kMaxLength = std::numeric_limits<Position>::max();

  const std::unordered_map<Pair, Occurrences, PairHash>& pairs() const { return pairs_; }
  std::uint64_t count(Pair pair) const {
    const auto it = pairs_.find(pair);
    return it == pairs_.end() ? 0 : it->second.count;
  }

  /// Replaces the pair by `merged` everywhere, from the left. Returns the pairs that became more frequent,
  /// some of them several times.
  std::vector<Pair> merge(Pair pair, Symbol merged) {
    touched_.clear();
    std::vector<Position> positions = std::move(pairs_[pair].positions);
    std::sort(positions.begin(), positions.end());
    for (const Position i : positions) {
      if (links_[i].next == kEnd || pair_at(i) != pair) continue;
      const Position right = links_[i].next;
      const Position before = links_[i].previous;
      remove(before);
      remove(i);
      remove(right);
      links_[i].symbol = merged;
      links_[i].next = links_[right].next;
      if (links_[i].next != kEnd) links_[links_[i].next].previous = i;
      links_[right] = {kGone, kEnd, kEnd, 0};
      add(before);
      add(i);
    }
    pairs_.erase(pair);
    return std::move(touched_);
  }

 private:
  static constexpr Position kEnd = std::numeric_limits<Position>::max();
  static constexpr Symbol kGone = std::numeric_limits<Symbol>::max();

  struct Link {
    Symbol symbol;
    Position previous;
    Position next;        ///< kEnd at the end of a piece
    std::uint64_t count;  ///< of the piece
  };

  Pair pair_at(Position i) const { return {links_[i].symbol, links_[links_[i].next].symbol}; }

  void add(Position i) {
    if (i == kEnd || links_[i].next == kEnd) return;
    Occurrences& occurrences = pairs_[pair_at(i)];
    occurrences.count += links_[i].count;
    occurrences.positions.push_back(i);
    touched_.push_back(pair_at(i));
  }

  void remove(Position i) {
    if (i == kEnd || links_[i].next == kEnd) return;
    pairs_[pair_at(i)].count -= links_[i].count;
  }

  std::vector<Link> links_;
  std::unordered_map<Pair, Occurrences, PairHash> pairs_;
  std::vector<Pair> touched_;
};

/// A pair and its count when it was put into the queue; counts that have changed since are looked up again.
struct Candidate {
  std::uint64_t count;
  Pair pair;
};

/// The most frequent pair first; among equals the one of bytewise smaller symbols.
class Queue {
 public:
  explicit Queue(const std::vector<std::string>& symbols) : heap_(Later{&symbols}) {}

  void push(Candidate candidate) { heap_.push(candidate); }
  bool empty() const { return heap_.empty(); }
  Candidate pop() {
    const Candidate top = heap_.top();
    heap_.pop();
    return top;
  }

 private:
  struct Later {
    const std::vector<std::string>* symbols;
    bool operator()(const Candidate& a, const Candidate& b) const {
      if (a.count != b.count) return a.count < b.count;
      const auto key = [&](const Candidate& c) {
        return std::pair<std::string_view, std::string_view>((*symbols)[c.pair.first],
                                                             (*symbols)[c.pair.second]);
      };
      return key(a) > key(b);
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, Later> heap_;
};

}  // namespace

Result<Tokenizer> train_bpe(std::span<const std::string> texts, const BpeOptions& options) {
  const std::size_t fixed = options.specials.size() + 256;
  if (options.vocab_size < fixed) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "a vocabulary of {} has no room for {} special tokens and 256 bytes; give it at least {}",
        options.vocab_size, options.specials.size(), fixed);
  }
  SAMARA_TRY(auto splitter, internal::Splitter::compile(options.pattern));
  std::vector<internal::Splitter> splitters;
  splitters.push_back(std::move(splitter));
  const PieceCounts pieces = count_pieces(texts, splitters);
  std::size_t length = 0;
  for (const auto& [piece, count] : pieces) length += piece.size();
  if (length >= Chain::kMaxLength) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "the texts have {} bytes of different pieces, more than can be trained on; train on a part", length);
  }
  Chain chain(pieces);

  std::vector<std::string> symbols;
  std::unordered_map<std::string, Symbol> known;  // bytes of each symbol
  for (int byte = 0; byte < 256; ++byte) {
    symbols.emplace_back(1, static_cast<char>(byte));
    known.emplace(symbols.back(), static_cast<Symbol>(byte));
  }
  const std::unordered_set<std::string> specials(options.specials.begin(), options.specials.end());
  std::vector<std::pair<std::string, std::string>> merges;

  const std::uint64_t min_count = std::max<std::uint64_t>(options.min_count, 1);
  Queue queue(symbols);
  for (const auto& [pair, occurrences] : chain.pairs()) queue.push({occurrences.count, pair});
  while (!queue.empty() && options.specials.size() + symbols.size() < options.vocab_size) {
    const Candidate best = queue.pop();
    const std::uint64_t count = chain.count(best.pair);
    if (count < best.count) {
      if (count >= min_count) queue.push({count, best.pair});
      continue;
    }
    if (count > best.count || count < min_count) continue;  // more: it is in the queue with that count, too
    const std::string& left = symbols[best.pair.first];
    const std::string& right = symbols[best.pair.second];
    std::string bytes = left + right;
    if (specials.contains(internal::to_byte_alphabet(bytes))) continue;
    merges.emplace_back(left, right);
    const auto [it, is_new] = known.emplace(bytes, static_cast<Symbol>(symbols.size()));
    if (is_new) symbols.push_back(std::move(bytes));
    for (const Pair& pair : chain.merge(best.pair, it->second)) {
      const std::uint64_t now = chain.count(pair);
      if (now >= min_count) queue.push({now, pair});
    }
  }
  return Tokenizer::make(options.pattern, std::move(merges), options.specials);
}

}  // namespace samara::lm
