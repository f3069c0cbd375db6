#include "samara/domain/sodarace/internal/msgpack_reader.h"

#include <bit>
#include <limits>

namespace samara::sodarace {
namespace {

// Tags of the MessagePack specification.
constexpr std::uint8_t kFixMap = 0x80;
constexpr std::uint8_t kFixArray = 0x90;
constexpr std::uint8_t kFixString = 0xa0;
constexpr std::uint8_t kNil = 0xc0;
constexpr std::uint8_t kNeverUsed = 0xc1;
constexpr std::uint8_t kFalse = 0xc2;
constexpr std::uint8_t kTrue = 0xc3;
constexpr std::uint8_t kBytes8 = 0xc4;
constexpr std::uint8_t kBytes32 = 0xc6;
constexpr std::uint8_t kFloat32 = 0xca;
constexpr std::uint8_t kFloat64 = 0xcb;
constexpr std::uint8_t kUint8 = 0xcc;
constexpr std::uint8_t kUint64 = 0xcf;
constexpr std::uint8_t kInt8 = 0xd0;
constexpr std::uint8_t kInt64 = 0xd3;
constexpr std::uint8_t kString8 = 0xd9;
constexpr std::uint8_t kString32 = 0xdb;
constexpr std::uint8_t kArray16 = 0xdc;
constexpr std::uint8_t kMap16 = 0xde;
constexpr std::uint8_t kNegativeFixInt = 0xe0;

bool is_fixed(std::uint8_t tag, std::uint8_t fixed, std::uint8_t mask) {
  return (tag & ~mask) == fixed;
}
bool is_integer(std::uint8_t tag) {
  return tag < kFixMap || tag >= kNegativeFixInt || (tag >= kUint8 && tag <= kInt64);
}

}  // namespace

std::uint8_t MsgpackReader::tag() const {
  return at_end() ? kNeverUsed : static_cast<std::uint8_t>(bytes_[position_]);
}

std::optional<std::uint64_t> MsgpackReader::after_tag(std::size_t size) const {
  if (bytes_.size() - position_ < 1 + size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 1; i <= size; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes_[position_ + i]);
  }
  return value;
}

std::optional<std::size_t> MsgpackReader::header(std::uint8_t fixed, std::uint8_t mask, std::uint8_t tag16) {
  const std::uint8_t t = tag();
  if (is_fixed(t, fixed, mask)) {
    ++position_;
    return t & mask;
  }
  if (t != tag16 && t != tag16 + 1) return std::nullopt;
  const std::size_t size = t == tag16 ? 2 : 4;
  const auto count = after_tag(size);
  if (count) position_ += 1 + size;
  return count;
}

std::optional<std::size_t> MsgpackReader::array() {
  return header(kFixArray, 0x0f, kArray16);
}

std::optional<std::size_t> MsgpackReader::map() {
  return header(kFixMap, 0x0f, kMap16);
}

std::optional<std::string_view> MsgpackReader::string() {
  const std::uint8_t t = tag();
  std::size_t length_bytes = 0;
  std::size_t length = t & 0x1f;
  if (!is_fixed(t, kFixString, 0x1f)) {
    if (t < kString8 || t > kString32) return std::nullopt;
    length_bytes = std::size_t{1} << (t - kString8);
    const auto read = after_tag(length_bytes);
    if (!read) return std::nullopt;
    length = *read;
  }
  const std::size_t begin = position_ + 1 + length_bytes;
  if (bytes_.size() - begin < length) return std::nullopt;
  position_ = begin + length;
  return bytes_.substr(begin, length);
}

std::optional<std::int64_t> MsgpackReader::integer() {
  const std::uint8_t t = tag();
  if (!is_integer(t)) return std::nullopt;
  if (t < kFixMap || t >= kNegativeFixInt) {
    ++position_;
    return static_cast<std::int8_t>(t);
  }
  const bool is_signed = t >= kInt8;
  const std::size_t size = std::size_t{1} << (t - (is_signed ? kInt8 : kUint8));
  const auto bits = after_tag(size);
  if (!bits) return std::nullopt;
  if (!is_signed && *bits > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  position_ += 1 + size;
  if (!is_signed) return static_cast<std::int64_t>(*bits);
  const auto unused = static_cast<int>(64 - 8 * size);
  return static_cast<std::int64_t>(*bits << unused) >> unused;  // extends the sign
}

std::optional<double> MsgpackReader::number() {
  const std::uint8_t t = tag();
  if (t != kFloat32 && t != kFloat64) {
    const auto value = integer();
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  }
  const std::size_t size = t == kFloat32 ? 4 : 8;
  const auto bits = after_tag(size);
  if (!bits) return std::nullopt;
  position_ += 1 + size;
  return t == kFloat32 ? std::bit_cast<float>(static_cast<std::uint32_t>(*bits))
                       : std::bit_cast<double>(*bits);
}

std::string_view MsgpackReader::next_kind() const {
  if (at_end()) return "the end";
  const std::uint8_t t = tag();
  if (is_integer(t)) return "an int";
  if (is_fixed(t, kFixMap, 0x0f) || t == kMap16 || t == kMap16 + 1) return "a dict";
  if (is_fixed(t, kFixArray, 0x0f) || t == kArray16 || t == kArray16 + 1) return "a list";
  if (is_fixed(t, kFixString, 0x1f) || (t >= kString8 && t <= kString32)) return "a str";
  if (t >= kBytes8 && t <= kBytes32) return "bytes";
  if (t == kNil) return "None";
  if (t == kFalse || t == kTrue) return "a bool";
  if (t == kFloat32 || t == kFloat64) return "a float";
  return "an unknown kind";
}

}  // namespace samara::sodarace
