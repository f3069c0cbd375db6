// AlignedBuffer: memory for vectors: aligned to a cache line, zeroed, never copied.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace samara::lm::cpu {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes)
      : memory_(static_cast<std::byte*>(::operator new(bytes, kAlignment))), bytes_(bytes) {
    std::memset(memory_.get(), 0, bytes);
  }

  template <typename T = std::byte>
  T* as() {
    return reinterpret_cast<T*>(memory_.get());
  }
  template <typename T = std::byte>
  const T* as() const {
    return reinterpret_cast<const T*>(memory_.get());
  }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Delete {
    void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<std::byte, Delete> memory_;
  std::size_t bytes_ = 0;
};

}  // namespace samara::lm::cpu
