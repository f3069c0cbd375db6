// PrefixCache: keys and values of beginnings of prompts that are likely to come again, the least recently
// used leaving first. A prompt that begins like one of them but goes on otherwise (a child's program like its
// parent's) finds what they have in common. All engines of a model share it; any thread may call.
#pragma once

#include <list>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "samara/lm/cpu/internal/kv_pages.h"
#include "samara/lm/token.h"

namespace samara::lm::cpu {

/// The tokens' bytes: what prompts and prefixes are told apart by.
std::string_view token_bytes(std::span<const TokenId> tokens);

class PrefixCache {
 public:
  /// What an entry has in common with a prompt.
  struct Match {
    const KvSequence sequence;  ///< with the first `positions` of the prompt; to be forked
    std::size_t positions = 0;  ///< 0: nothing is known of it
  };

  /// @param page_bytes of the model's pages
  PrefixCache(std::size_t page_bytes, std::size_t capacity_bytes)
      : pool_(page_bytes), capacity_(capacity_bytes) {}

  /// Where the sequences of all entries, and all that are forked from them, have their pages from.
  PagePool& pool() { return pool_; }

  /// Whether this very prefix is held, as an entry or as the first pages of one.
  bool contains(std::span<const TokenId> prefix) const;
  /// What contains() tells of the prompt's first `prefix` tokens, or else of an entry that shares as many
  /// full pages with the prompt as any does, and at least one; of several the one that was used last.
  Match find(std::span<const TokenId> prompt, std::size_t prefix);
  /// @param sequence holds the prefix's positions, and is not written any more
  void insert(std::span<const TokenId> prefix, KvSequence sequence);

  /// Of the pages held, each counted once.
  std::size_t bytes() const;
  std::size_t size() const;

 private:
  struct Entry {
    Tokens tokens;
    KvSequence sequence;
  };
  using EntryPtr = std::list<Entry>::iterator;

  /// The beginnings of an entry that are looked for: every full page more, and the whole.
  static std::vector<std::string_view> beginnings(const Entry& entry);
  /// Searches find the newest entry from now on.
  void index_newest();
  /// Takes the least recently used entry out.
  std::list<Entry> drop_oldest();

  PagePool pool_;
  std::size_t capacity_;
  mutable std::mutex mutex_;  ///< held for what follows, and in methods that are private
  std::list<Entry> entries_;  ///< most recently used first
  /// By beginning, as it stands in the entry: of those that have it the one most recently used.
  std::unordered_map<std::string_view, EntryPtr> index_;
  std::unordered_map<const std::byte*, std::size_t> page_uses_;  ///< by entries
};

}  // namespace samara::lm::cpu
