// NoveltyFilter: recognizes programs that are nearly the text of an earlier one, before they cost an
// evaluation. Read text_sketch.h before; docs/search.md shows what it saves and costs. Locality-sensitive
// hashing (Indyk and Motwani, "Approximate nearest neighbors", 1998): a program is compared with at most one
// earlier program per band of its sketch, so a candidate costs the same after a million programs as after
// ten. It can miss a near one, and the same programs in the same order always give the same answers. One
// thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "samara/evolve/text_sketch.h"

namespace samara {

class NoveltyFilter {
 public:
  /// @param threshold  similarity from which on a program is too near, in (0, 1]
  explicit NoveltyFilter(double threshold);

  /// The similarity of the nearest program found, if that is too near.
  std::optional<double> find_near(const TextSketch& sketch) const;
  /// Remembers a program: 128 bytes, and 4 to 16 per band.
  void add(const TextSketch& sketch);

  std::size_t size() const { return sketches_.size(); }

 private:
  static constexpr std::uint32_t kEmpty = ~0u;

  std::size_t place_of(const TextSketch& sketch, std::size_t band) const;
  void index(std::uint32_t number);

  double threshold_;
  std::size_t rows_;   // bytes per band
  std::size_t bands_;  // bands_ * rows_ is the size of a sketch
  std::deque<TextSketch> sketches_;
  std::size_t places_ = 1024;         // per band, a power of two
  std::vector<std::uint32_t> table_;  // (bands, places): the latest program with that hash of the band
};

}  // namespace samara
