// TextCodec: program texts to zstd frames and back, with dictionaries made of earlier programs: the programs
// of a run resemble each other, so a dictionary makes each a fraction of what it takes alone. Read
// run_store.cc for when dictionaries are made and docs/formats/run-store.md for the format. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace samara::internal {

class TextCodec {
 public:
  TextCodec();
  ~TextCodec();

  /// Makes a dictionary known to decompress(). They are numbered from 1.
  void add_dictionary(std::int64_t number, std::string_view bytes);
  bool has_dictionary(std::int64_t number) const;

  /// Lets compress() use these bytes as its dictionary from now on.
  void compress_with(std::string_view dictionary);
  /// One zstd frame; valid until the next call.
  std::string_view compress(std::string_view text);

  /// Inverse of compress(); nothing when the frame is damaged or is not `size` bytes of text.
  /// @param dictionary  one that was added, or 0
  std::optional<std::string> decompress(std::string_view frame, std::int64_t dictionary, std::size_t size);

 private:
  struct Zstd;

  std::unique_ptr<Zstd> zstd_;
  std::string frame_;
};

/// A dictionary for texts like these, made of the texts themselves (100 KB from the end of the last) and
/// their statistics; takes a millisecond. Nothing when zstd can make none of these.
std::optional<std::string> make_dictionary(std::span<const std::string> texts);

}  // namespace samara::internal
