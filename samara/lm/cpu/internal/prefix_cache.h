// PrefixCache: keys and values of beginnings of prompts that are likely to come again, the least recently
// used leaving first. One thread.
#pragma once

#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "samara/lm/cpu/internal/kv_pages.h"
#include "samara/lm/token.h"

namespace samara::lm::cpu {

/// The tokens' bytes: what prompts and prefixes are told apart by.
std::string_view token_bytes(std::span<const TokenId> tokens);

class PrefixCache {
 public:
  explicit PrefixCache(std::size_t capacity_bytes) : capacity_(capacity_bytes) {}

  /// Null where the prefix is not held; valid until the next call of a method.
  const KvSequence* find(std::span<const TokenId> prefix);
  /// @param sequence holds the prefix's positions. Pages that entries share count for each of them.
  void insert(std::span<const TokenId> prefix, KvSequence sequence);

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    KvSequence sequence;
  };
  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace samara::lm::cpu
