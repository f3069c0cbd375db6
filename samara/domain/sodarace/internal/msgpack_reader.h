// MsgpackReader: steps through MessagePack bytes without building a tree. It knows the kinds that the sandbox
// writes (python_runner.h, EncodedValue); anything else, and data that ends early, reads as "not what was
// asked for". Never reads outside the bytes it was given, whatever they hold. Borrows the bytes; one reader
// per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace samara::sodarace {

class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view bytes) : bytes_(bytes) {}

  /// Each of these reads the next value if it is of that kind; otherwise it reads nothing and stays where it
  /// is.
  std::optional<std::size_t> array();  ///< the header of a list: its number of elements, which come next
  std::optional<std::size_t> map();    ///< the header of a dict: its number of key-value pairs
  std::optional<std::string_view> string();
  std::optional<std::int64_t> integer();  ///< int, not bool
  std::optional<double> number();         ///< int or float, not bool

  bool at_end() const { return position_ == bytes_.size(); }
  /// What comes next, for messages: "a list", "None", "the end".
  std::string_view next_kind() const;

 private:
  /// The byte at the position, or 0xc1, which MessagePack never uses, at the end.
  std::uint8_t tag() const;
  /// Big-endian unsigned integer of `size` bytes after the tag; nothing when the data ends before.
  std::optional<std::uint64_t> after_tag(std::size_t size) const;
  /// Reads a header whose count is in the tag's low bits (`fixed`) or in the bytes after it.
  std::optional<std::size_t> header(std::uint8_t fixed, std::uint8_t mask, std::uint8_t tag16);

  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace samara::sodarace
