// Containment: the kernel's walls around a child that runs untrusted programs. Read docs/sandbox.md for what
// each layer keeps out. The warm process prepares it once; every child enters it before the first untrusted
// byte is looked at. Single threaded, as the warm process is.
#pragma once

#include <linux/filter.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace samara::sandbox {

class Containment {
 public:
  struct Limits {
    std::size_t memory = 0;    ///< address space, bytes
    unsigned cpu_seconds = 0;  ///< backstop behind the warm process's own watch
  };
  /// A layer that the kernel refuses and what it said.
  struct Refusal {
    std::string layer;
    std::string detail;
  };

  /// Compiles the filter. `refused_layer` (tests only) names a layer that is taken as refused.
  explicit Containment(std::string refused_layer);

  /// Tries every layer in a child of its own and reports the first that does not hold.
  std::optional<Refusal> probe(const Limits& limits) const;

  /// Walls in the calling process, for good. Returns the first layer that was refused, after trying all.
  std::optional<Refusal> enter(const Limits& limits) const;

 private:
  std::string refused_layer_;
  std::vector<sock_filter> filter_;
};

}  // namespace samara::sandbox
