// A program: source text and its content id. Two programs with the same text are the same program, wherever
// and whenever they were made; archives and logs hold ids, and the text is stored once. Immutable values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "samara/base/result.h"

namespace samara {

/// The first 16 bytes of the SHA-256 of the program's text.
struct ProgramId {
  std::array<std::uint8_t, 16> bytes{};

  static ProgramId of(std::string_view source);
  /// 32 hexadecimal digits; errors: kInvalidArgument.
  static Result<ProgramId> from_hex(std::string_view hex);
  std::string hex() const;
  /// The first 12 digits, for people.
  std::string short_hex() const { return hex().substr(0, 12); }

  auto operator<=>(const ProgramId&) const = default;
};

class Program {
 public:
  explicit Program(std::string source) : id_(ProgramId::of(source)), source_(std::move(source)) {}

  const ProgramId& id() const { return id_; }
  const std::string& source() const { return source_; }
  /// Bytes of source text: what parsimony compares.
  std::uint32_t size() const { return static_cast<std::uint32_t>(source_.size()); }

 private:
  ProgramId id_;
  std::string source_;
};

}  // namespace samara

template <>
struct std::hash<samara::ProgramId> {
  std::size_t operator()(const samara::ProgramId& id) const noexcept {
    std::size_t value;  // the id is a cryptographic hash already
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};
