#include "samara/lm/internal/byte_alphabet.h"

#include <array>
#include <cstdint>

namespace samara::lm::internal {
namespace {

constexpr int kCharacters = 256 + 68;  // 68 bytes are not printable

constexpr bool printable(int byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

struct Alphabet {
  std::array<std::uint16_t, 256> character{};    ///< of each byte
  std::array<std::int16_t, kCharacters> byte{};  ///< of each character; -1: not of the alphabet

  constexpr Alphabet() {
    for (auto& b : byte) b = -1;
    int next = 256;
    for (int b = 0; b < 256; ++b) {
      const int c = printable(b) ? b : next++;
      character[static_cast<std::size_t>(b)] = static_cast<std::uint16_t>(c);
      byte[static_cast<std::size_t>(c)] = static_cast<std::int16_t>(b);
    }
  }
};

constexpr Alphabet kAlphabet;

}  // namespace

std::string to_byte_alphabet(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    const unsigned character = kAlphabet.character[static_cast<std::uint8_t>(byte)];
    if (character < 0x80) {
      text += static_cast<char>(character);
    } else {
      text += static_cast<char>(0xc0 | (character >> 6));
      text += static_cast<char>(0x80 | (character & 0x3f));
    }
  }
  return text;
}

std::optional<std::string> from_byte_alphabet(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned character = static_cast<std::uint8_t>(text[i]);
    if (character >= 0x80) {
      if ((character & 0xe0) != 0xc0 || i + 1 == text.size()) return std::nullopt;
      character = ((character & 0x1f) << 6) | (static_cast<std::uint8_t>(text[++i]) & 0x3f);
    }
    if (character >= kCharacters || kAlphabet.byte[character] < 0) return std::nullopt;
    bytes += static_cast<char>(kAlphabet.byte[character]);
  }
  return bytes;
}

}  // namespace samara::lm::internal
