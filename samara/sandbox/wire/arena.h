// Arena: the memory that a PythonRunner shares with its warm process and the children. One header per job
// ("slot"), then a text area that the runner fills, then one result area per slot that a child fills.
// A child that runs a single untrusted program may have written anything here, so whoever reads a slot checks
// sizes and takes the bytes as untrusted. The mapping is movable and unmapped with the object.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace samara::sandbox {

enum class SlotState : std::uint32_t {
  kWaiting = 0,
  kRunning = 1,
  kValue = 2,          ///< the result area holds MessagePack
  kFailure = 3,        ///< the result area holds the message
  kNeedsOwnChild = 4,  ///< the program did not run, or may not count, beside others
};

struct Slot {
  std::atomic<SlotState> state;
  std::uint32_t outcome;                      ///< of a kFailure
  std::uint64_t size;                         ///< bytes in the result area
  std::atomic<std::uint64_t> cpu_started_ns;  ///< the child's CPU clock when the program started
};

class Arena {
 public:
  /// Longest program text accepted, bytes, and the room for the texts of one request.
  static constexpr std::size_t kMaxText = std::size_t{1} << 20;
  static constexpr std::size_t kTextArea = 4 * kMaxText;

  static std::size_t bytes(std::size_t slots, std::size_t result_limit) {
    return kHeaders + kTextArea + slots * stride(result_limit);
  }

  Arena() = default;
  /// Maps the file, at `address` if that is free; check `valid()`, errno says why not.
  Arena(int fd, std::size_t slots, std::size_t result_limit, std::uintptr_t address = 0)
      : size_(bytes(slots, result_limit)), result_limit_(result_limit) {
    void* base = ::mmap(reinterpret_cast<void*>(address), size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base != MAP_FAILED) base_ = static_cast<char*>(base);
  }
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Arena() {
    if (base_ != nullptr) ::munmap(base_, size_);
  }

  bool valid() const { return base_ != nullptr; }
  Slot& slot(std::size_t index) const { return reinterpret_cast<Slot*>(base_)[index]; }
  std::span<char> texts() const { return {base_ + kHeaders, kTextArea}; }
  std::span<char> result(std::size_t index) const {
    return {base_ + kHeaders + kTextArea + index * stride(result_limit_), result_limit_};
  }

 private:
  static constexpr std::size_t kHeaders = 8192;  ///< whole pages; holds kMaxBatch slots
  static std::size_t stride(std::size_t result_limit) { return (result_limit + 4095) / 4096 * 4096; }

  void swap(Arena& other) {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(result_limit_, other.result_limit_);
  }

  char* base_ = nullptr;
  std::size_t size_ = 0;
  std::size_t result_limit_ = 0;
};

static_assert(sizeof(Slot) * 256 <= 8192);

}  // namespace samara::sandbox
