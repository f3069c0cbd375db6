// SHA-256 (FIPS 180-4, computed by OpenSSL) for content ids and digests. Feed it bytes, or numbers in a fixed
// little-endian encoding, so that a digest is the same on every machine. One object per thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samara {

using Sha256Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& add(std::string_view bytes);
  Sha256& add_u64(std::uint64_t value);
  /// The bits of the double: -0.0 and 0.0 differ.
  Sha256& add_double(double value);
  /// Length first, so that ("ab","c") and ("a","bc") differ.
  Sha256& add_string(std::string_view text);
  /// The digest of all that was added; the object starts anew.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest sha256(std::string_view bytes);

/// Lower-case hexadecimal.
std::string to_hex(const std::uint8_t* bytes, std::size_t size);

}  // namespace samara
