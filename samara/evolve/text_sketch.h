// Text sketches: how alike are two texts, from 128 bytes each? A sketch is a MinHash (Broder, "On the
// resemblance and containment of documents", 1997) over runs of three tokens. Tokens are words, numbers and
// single signs in any language; white space does not count. Read novelty_filter.h after. Pure functions, the
// same bits on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace samara {

/// One byte of the smallest hash under each of 128 hash functions.
using TextSketch = std::array<std::uint8_t, 128>;

/// Takes time in proportion to the text; any bytes will do.
TextSketch sketch_of(std::string_view text);

/// Estimates the Jaccard similarity s of the two texts' sets of token runs, in [0, 1]: 1 for texts that
/// differ in white space alone. The standard error is about sqrt(s (1 - s) / 128).
double similarity(const TextSketch& a, const TextSketch& b);

}  // namespace samara
