#include "samara/lm/cpu/internal/prefix_cache.h"

namespace samara::lm::cpu {

std::string_view token_bytes(std::span<const TokenId> tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()};
}

const KvSequence* PrefixCache::find(std::span<const TokenId> prefix) {
  const auto found = index_.find(token_bytes(prefix));
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->sequence;
}

void PrefixCache::insert(std::span<const TokenId> prefix, KvSequence sequence) {
  if (sequence.bytes() > capacity_ || index_.contains(token_bytes(prefix))) return;
  while (bytes_ + sequence.bytes() > capacity_) {
    bytes_ -= entries_.back().sequence.bytes();
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  bytes_ += sequence.bytes();
  entries_.push_front({std::string(token_bytes(prefix)), std::move(sequence)});
  index_.emplace(entries_.front().key, entries_.begin());
}

}  // namespace samara::lm::cpu
