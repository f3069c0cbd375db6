#include "samara/lm/cpu/internal/kv_pages.h"

#include <cstring>

#include "samara/base/check.h"

namespace samara::lm::cpu {

std::shared_ptr<std::byte> PagePool::allocate() {
  AlignedBuffer memory;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->free.empty()) {
      memory = std::move(state_->free.back());
      state_->free.pop_back();
    }
  }
  if (memory.bytes() == 0) memory = AlignedBuffer(page_bytes_);
  // The page owns its memory through the deleter, which gives it back to the pool.
  std::byte* address = memory.as();
  auto owner = std::make_shared<AlignedBuffer>(std::move(memory));
  return {address, [owner, state = state_](std::byte*) {
            const std::lock_guard lock(state->mutex);
            state->free.push_back(std::move(*owner));
          }};
}

void KvSequence::reserve(std::size_t positions) {
  while (pages_.size() * kPagePositions < positions) {
    pages_.push_back(pool_->allocate());
    addresses_.push_back(pages_.back().get());
  }
}

KvSequence KvSequence::share(std::size_t positions) const {
  SAMARA_CHECK(positions <= pages_.size() * kPagePositions);
  KvSequence sharer(*pool_);
  const auto pages = static_cast<std::ptrdiff_t>((positions + kPagePositions - 1) / kPagePositions);
  sharer.pages_.assign(pages_.begin(), pages_.begin() + pages);
  sharer.addresses_.assign(addresses_.begin(), addresses_.begin() + pages);
  return sharer;
}

KvSequence KvSequence::fork(std::size_t positions) const {
  SAMARA_CHECK(positions <= pages_.size() * kPagePositions);
  const std::size_t full = positions / kPagePositions;
  KvSequence copy = share(full * kPagePositions);
  if (positions % kPagePositions != 0) {
    copy.reserve(positions);
    std::memcpy(copy.addresses_.back(), addresses_[full], pool_->page_bytes());
  }
  return copy;
}

}  // namespace samara::lm::cpu
