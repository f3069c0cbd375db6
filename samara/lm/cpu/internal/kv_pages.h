// Keys and values of sequences, in pages of kPagePositions positions. Sequences that begin with the same
// tokens share pages: fork() shares the full ones and copies the last, so that what is written on is never
// shared; share() shares all of them, with one that is not written. A sequence belongs to one thread; pools
// and shared pages may be used by several.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "samara/lm/cpu/internal/aligned.h"
#include "samara/lm/cpu/internal/kernels.h"

namespace samara::lm::cpu {

/// Hands out pages and takes them back, on any thread; outlived by its pages if need be.
class PagePool {
 public:
  explicit PagePool(std::size_t page_bytes) : state_(std::make_shared<State>()), page_bytes_(page_bytes) {}
  std::size_t page_bytes() const { return page_bytes_; }
  /// A page with anything in it.
  std::shared_ptr<std::byte> allocate();

 private:
  struct State {
    std::mutex mutex;
    std::vector<AlignedBuffer> free;
  };
  std::shared_ptr<State> state_;
  std::size_t page_bytes_;
};

class KvSequence {
 public:
  explicit KvSequence(PagePool& pool) : pool_(&pool) {}
  KvSequence(KvSequence&&) = default;
  KvSequence& operator=(KvSequence&&) = default;

  /// Makes room for positions below `positions`.
  void reserve(std::size_t positions);
  /// A sequence with this one's first `positions`, which may be written on from there.
  KvSequence fork(std::size_t positions) const;
  /// One with the pages themselves of the first `positions`, to be forked and not to be written.
  KvSequence share(std::size_t positions) const;

  /// Writable only from the position on that the sequence was forked at.
  std::byte* page(std::size_t position) { return addresses_[position / kPagePositions]; }
  std::span<const std::byte* const> pages() const { return addresses_; }
  std::size_t page_bytes() const { return pool_->page_bytes(); }
  std::size_t bytes() const { return pages_.size() * page_bytes(); }

 private:
  PagePool* pool_;
  std::vector<std::shared_ptr<std::byte>> pages_;
  std::vector<std::byte*> addresses_;  ///< of pages_
};

}  // namespace samara::lm::cpu
