// TextCodec: program texts to zstd frames and back, with dictionaries learned from earlier programs: the
// programs of a run resemble each other, so a dictionary makes each a fraction of what it takes alone. Read
// run_store.cc for when dictionaries are trained and docs/formats/run-store.md for the format. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
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

  /// Dictionaries are numbered from 1; later compressions use the one with the highest number.
  void add_dictionary(std::int64_t number, std::string_view bytes);
  bool has_dictionary(std::int64_t number) const { return dictionaries_.contains(number); }
  /// The one that compress() uses; 0 for none.
  std::int64_t current_dictionary() const {
    return dictionaries_.empty() ? 0 : dictionaries_.rbegin()->first;
  }

  /// One zstd frame; valid until the next call.
  std::string_view compress(std::string_view text);

  /// Inverse of compress(); nothing when the frame is damaged or is not `size` bytes of text.
  /// @param dictionary  one that was added, or 0
  std::optional<std::string> decompress(std::string_view frame, std::int64_t dictionary, std::size_t size);

 private:
  struct Contexts;
  struct Dictionary;

  std::unique_ptr<Contexts> contexts_;
  std::map<std::int64_t, std::unique_ptr<Dictionary>> dictionaries_;
  std::string frame_;
};

/// A dictionary for texts like these; nothing when they have too little in common to learn one.
std::optional<std::string> train_dictionary(std::span<const std::string> texts);

}  // namespace samara::internal
