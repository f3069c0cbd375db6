#include "samara/lm/cpu/internal/kv_pages.h"

#include <cstring>

#include "samara/base/check.h"

namespace samara::lm::cpu {

std::shared_ptr<std::byte> PagePool::allocate() {
  AlignedBuffer memory;
  if (state_->free.empty()) {
    memory = AlignedBuffer(page_bytes_);
  } else {
    memory = std::move(state_->free.back());
    state_->free.pop_back();
  }
  // The page owns its memory through the deleter, which gives it back to the pool.
  std::byte* address = memory.as();
  auto owner = std::make_shared<AlignedBuffer>(std::move(memory));
  return {address, [owner, state = state_](std::byte*) { state->free.push_back(std::move(*owner)); }};
}

void KvSequence::reserve(std::size_t positions) {
  while (pages_.size() * kPagePositions < positions) {
    pages_.push_back(pool_->allocate());
    addresses_.push_back(pages_.back().get());
  }
}

KvSequence KvSequence::fork(std::size_t positions) const {
  SAMARA_CHECK(positions <= pages_.size() * kPagePositions);
  KvSequence copy(*pool_);
  const std::size_t full = positions / kPagePositions;
  copy.pages_.assign(pages_.begin(), pages_.begin() + static_cast<std::ptrdiff_t>(full));
  copy.addresses_.assign(addresses_.begin(), addresses_.begin() + static_cast<std::ptrdiff_t>(full));
  if (positions % kPagePositions != 0) {
    copy.reserve(positions);
    std::memcpy(copy.addresses_.back(), addresses_[full], pool_->page_bytes());
  }
  return copy;
}

}  // namespace samara::lm::cpu
