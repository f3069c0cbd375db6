#include "samara/program/program.h"

#include <algorithm>

#include "samara/base/sha256.h"

namespace samara {

ProgramId ProgramId::of(std::string_view source) {
  const Sha256Digest digest = sha256(source);
  ProgramId id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::string ProgramId::hex() const {
  return to_hex(bytes.data(), bytes.size());
}

Result<ProgramId> ProgramId::from_hex(std::string_view hex) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  ProgramId id;
  bool valid = hex.size() == 2 * id.bytes.size();
  for (std::size_t i = 0; valid && i < id.bytes.size(); ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (!valid) {
    return make_error(ErrorCode::kInvalidArgument, "'{}' is not a program id: expected 32 hexadecimal digits",
                      hex);
  }
  return id;
}

}  // namespace samara
