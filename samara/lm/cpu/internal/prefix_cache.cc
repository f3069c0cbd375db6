#include "samara/lm/cpu/internal/prefix_cache.h"

#include <algorithm>

namespace samara::lm::cpu {

std::string_view token_bytes(std::span<const TokenId> tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()};
}

std::vector<std::string_view> PrefixCache::beginnings(const Entry& entry) {
  const std::span<const TokenId> tokens(entry.tokens);
  std::vector<std::string_view> keys = {token_bytes(tokens)};
  for (std::size_t n = kPagePositions; n < tokens.size(); n += kPagePositions) {
    keys.push_back(token_bytes(tokens.first(n)));
  }
  return keys;
}

bool PrefixCache::contains(std::span<const TokenId> prefix) const {
  const std::lock_guard lock(mutex_);
  return index_.contains(token_bytes(prefix));
}

std::size_t PrefixCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return page_uses_.size() * pool_.page_bytes();
}

std::size_t PrefixCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

PrefixCache::Match PrefixCache::find(std::span<const TokenId> prompt, std::size_t prefix) {
  const std::lock_guard lock(mutex_);
  auto found = index_.find(token_bytes(prompt.first(prefix)));
  std::size_t length = prompt.size() / kPagePositions * kPagePositions;
  for (; found == index_.end() && length > 0; length -= kPagePositions) {
    found = index_.find(token_bytes(prompt.first(length)));
  }
  if (found == index_.end()) return {KvSequence(pool_), 0};
  const EntryPtr entry = found->second;
  if (entry != entries_.begin()) {
    entries_.splice(entries_.begin(), entries_, entry);
    index_newest();
  }
  const auto [end, _] =
      std::mismatch(prompt.begin(), prompt.end(), entry->tokens.begin(), entry->tokens.end());
  const auto positions = static_cast<std::size_t>(end - prompt.begin());
  return {entry->sequence.share(positions), positions};
}

void PrefixCache::insert(std::span<const TokenId> prefix, KvSequence sequence) {
  std::list<Entry> added, dropped;  // filled and emptied without the lock
  added.push_back({Tokens(prefix.begin(), prefix.end()), std::move(sequence)});
  const std::lock_guard lock(mutex_);
  if (added.front().sequence.bytes() > capacity_ || index_.contains(token_bytes(prefix))) return;
  entries_.splice(entries_.begin(), added);
  for (const std::byte* page : entries_.front().sequence.pages()) ++page_uses_[page];
  index_newest();
  while (page_uses_.size() * pool_.page_bytes() > capacity_) dropped.splice(dropped.end(), drop_oldest());
}

void PrefixCache::index_newest() {
  for (const std::string_view key : beginnings(entries_.front())) {
    index_.erase(key);  // it lies in an entry that may leave first
    index_.emplace(key, entries_.begin());
  }
}

std::list<PrefixCache::Entry> PrefixCache::drop_oldest() {
  const EntryPtr oldest = std::prev(entries_.end());
  for (const std::string_view key : beginnings(*oldest)) {
    const auto found = index_.find(key);
    if (found != index_.end() && found->second == oldest) index_.erase(found);
  }
  for (const std::byte* page : oldest->sequence.pages()) {
    if (--page_uses_[page] == 0) page_uses_.erase(page);
  }
  std::list<Entry> dropped;
  dropped.splice(dropped.begin(), entries_, oldest);
  return dropped;
}

}  // namespace samara::lm::cpu
