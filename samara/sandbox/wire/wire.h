// Wire: what a PythonRunner and its warm process (samara-python) say to each other. Small messages go over a
// SOCK_SEQPACKET socket, texts and results through one memory file, the arena, that both map; arena.h beside
// this file lays it out. Plain structs of one machine and one build, never stored.
// Send and receive survive signals, and a closed peer is an answer, not a signal.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace samara::sandbox {

/// File descriptors that the warm process starts with; all others are closed.
inline constexpr int kSocketFd = 3;
inline constexpr int kArenaFd = 4;

inline constexpr std::size_t kMaxBatch = 256;

/// The first message to the warm process. The harnesses stand in the arena's text area (arena.h).
struct Configuration {
  std::uint32_t harness_count;
  std::uint32_t slot_count;
  std::uint64_t result_limit;    ///< bytes
  std::uint64_t memory_limit;    ///< bytes of address space
  std::uint64_t cpu_limit_ns;    ///< per program
  std::uint64_t stall_limit_ns;  ///< per program
  bool with_numpy;
  bool allow_uncontained;
  std::array<char, 32> refused_layer;  ///< tests only: a layer that is treated as refused by the kernel
};

/// The warm process's answer to the Configuration. `code` 0: ready; else an ErrorCode and why.
struct Readiness {
  std::uint32_t code;
  std::array<char, 1020> message;
};

struct JobEntry {
  std::uint32_t harness;
  std::uint32_t offset;  ///< of the text in the text area; a null byte follows the text
  std::uint32_t size;
};

/// One child's work. A request of one job runs whatever the program is; in a longer one only plain programs
/// run (python/gate.h), the others end as SlotState::kNeedsOwnChild.
struct Request {
  std::uint32_t count;
  std::array<JobEntry, kMaxBatch> jobs;
};
inline std::size_t request_bytes(std::size_t count) {
  return offsetof(Request, jobs) + count * sizeof(JobEntry);
}

/// How the child of a request ended.
enum class Ending : std::uint32_t {
  kExited = 0,     ///< detail: exit status
  kSignalled = 1,  ///< detail: the signal
  kCpuLimit = 2,
  kStalled = 3,
  kNotStarted = 4,  ///< the kernel gave no process; detail: errno
};
struct Reply {
  Ending ending;
  std::int32_t detail;
};

/// Sends one whole message; false when the peer is gone.
inline bool send_message(int socket, const void* message, std::size_t size) {
  while (true) {
    if (::send(socket, message, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size)) return true;
    if (errno != EINTR) return false;
  }
}

/// Receives one message of at most `capacity` bytes and returns its size; nothing when the peer is
/// gone, or silent for longer than the socket's time-out.
inline std::optional<std::size_t> receive_message(int socket, void* message, std::size_t capacity) {
  while (true) {
    const ssize_t size = ::recv(socket, message, capacity, 0);
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0 || errno != EINTR) return std::nullopt;
  }
}

}  // namespace samara::sandbox
