#include "samara/evolve/text_sketch.h"

#include <algorithm>
#include <bit>

namespace samara {
namespace {

constexpr std::size_t kHashes = std::tuple_size_v<TextSketch>;

/// SplitMix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Odd multipliers; each makes another order of the 32-bit numbers.
constexpr std::array<std::uint32_t, kHashes> kMultipliers = [] {
  std::array<std::uint32_t, kHashes> multipliers{};
  for (std::size_t i = 0; i < kHashes; ++i) {
    multipliers[i] = static_cast<std::uint32_t>(mix(0x9e3779b97f4a7c15ULL * (i + 1))) | 1u;
  }
  return multipliers;
}();

bool is_space(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
/// Part of a word or number; bytes of other scripts are.
bool is_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/// The hash of the token at the front of `text` (FNV-1a), which is cut off. `text` starts with no space.
std::uint64_t take_token(std::string_view& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  std::size_t size = 0;
  do {
    hash = (hash ^ static_cast<unsigned char>(text[size])) * 0x100000001b3ULL;
    ++size;
  } while (is_word(static_cast<unsigned char>(text[size - 1])) && size < text.size() &&
           is_word(static_cast<unsigned char>(text[size])));
  text.remove_prefix(size);
  return hash;
}

}  // namespace

TextSketch sketch_of(std::string_view text) {
  std::array<std::uint32_t, kHashes> smallest;
  smallest.fill(~0u);
  std::uint64_t last = 0, last_but_one = 0;  // tokens
  while (true) {
    while (!text.empty() && is_space(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    if (text.empty()) break;
    const std::uint64_t token = take_token(text);
    const std::uint64_t run = mix(token ^ std::rotl(last, 21) ^ std::rotl(last_but_one, 42));
    last_but_one = last;
    last = token;
    const auto key = static_cast<std::uint32_t>(run >> 32);
    for (std::size_t i = 0; i < kHashes; ++i) smallest[i] = std::min(smallest[i], kMultipliers[i] * key);
  }
  TextSketch sketch;
  for (std::size_t i = 0; i < kHashes; ++i) sketch[i] = static_cast<std::uint8_t>(smallest[i]);
  return sketch;
}

double similarity(const TextSketch& a, const TextSketch& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < kHashes; ++i) equal += a[i] == b[i];
  // Bytes of different hashes are equal by chance once in 256.
  const double share = static_cast<double>(equal) / kHashes;
  return std::max(0.0, (share - 1.0 / 256.0) / (1.0 - 1.0 / 256.0));
}

}  // namespace samara
