// PairRanks: (left token, right token) -> rank of their merge, as a flat hash table: the one look-up that
// encoding repeats for every byte. Filled once; const is safe to call concurrently.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "samara/lm/token.h"

namespace samara::lm::internal {

class PairRanks {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// @param capacity  how many pairs will be added at most
  explicit PairRanks(std::size_t capacity)
      : slots_(std::bit_ceil(2 * capacity + 2)), shift_(64 - std::countr_zero(slots_.size())) {}

  /// False, and nothing changes, if the pair is there already.
  bool add(TokenId left, TokenId right, std::uint32_t rank) {
    Slot& slot = slots_[slot_of(key(left, right))];
    if (slot.rank != kNone) return false;
    slot = {key(left, right), rank};
    return true;
  }

  /// The pair's rank, or kNone.
  std::uint32_t find(TokenId left, TokenId right) const { return slots_[slot_of(key(left, right))].rank; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t rank = kNone;
  };

  static std::uint64_t key(TokenId left, TokenId right) { return (std::uint64_t{left} << 32) | right; }

  /// Where the key is, or the free slot where it would go.
  std::size_t slot_of(std::uint64_t key) const {
    // Fibonacci hashing (Knuth, TAOCP 3, 6.4), after folding the left token into the right one's bits.
    std::size_t i = ((key ^ (key >> 23)) * 0x9e3779b97f4a7c15U) >> shift_;
    while (slots_[i].rank != kNone && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    return i;
  }

  std::vector<Slot> slots_;
  int shift_;
};

}  // namespace samara::lm::internal
