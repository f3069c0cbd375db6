// The byte alphabet of GPT-2 style vocabularies: each byte is written as one printable character, so that
// any token is text. Printable bytes of Latin-1 stand for themselves, the others for U+0100, U+0101 ... in
// order (Radford et al., "Language models are unsupervised multitask learners", 2019). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace samara::lm::internal {

/// Bytes as characters of the alphabet, in UTF-8.
std::string to_byte_alphabet(std::string_view bytes);

/// The bytes that such text stands for; nothing if a character is not of the alphabet.
std::optional<std::string> from_byte_alphabet(std::string_view text);

}  // namespace samara::lm::internal
