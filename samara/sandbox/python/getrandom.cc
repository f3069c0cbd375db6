// The kernel's randomness as the interpreter sees it: a fixed sequence. Python asks the C library's
// getrandom() when a generator is seeded with nothing (random.Random(), numpy.random.default_rng()), and this
// definition in the executable comes first. So a program gives the same result every time.
#include "samara/sandbox/python/getrandom.h"

#include <sys/types.h>

#include <cstdint>

namespace samara::sandbox {
namespace {
std::uint64_t g_state = 0;
}

void restart_getrandom() {
  g_state = 0;
}

}  // namespace samara::sandbox

extern "C" __attribute__((visibility("default"))) ssize_t getrandom(void* buffer, std::size_t size,
                                                                    unsigned) {
  auto* bytes = static_cast<std::uint8_t*>(buffer);
  for (std::size_t i = 0; i < size; ++i) {
    // SplitMix64 (Steele, Lea, Flood 2014); its top byte.
    std::uint64_t z = samara::sandbox::g_state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    bytes[i] = static_cast<std::uint8_t>((z ^ (z >> 31)) >> 56);
  }
  return static_cast<ssize_t>(size);
}
