// Counter-based randomness: the stream of a candidate is a pure function of (run seed, iteration, slot,
// purpose), so what one worker draws never depends on what another did. Philox4x32-10 (Salmon et al.,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011); distributions and shuffle are our own, because the
// standard library's differ between implementations. A value type: copy it to repeat a stream. Not shared
// between threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "samara/base/check.h"

namespace samara {

/// What a stream is used for; streams of different purposes are independent. Values are fixed: runs depend on
/// them.
enum class Stream : std::uint32_t {
  kSelect = 1,    ///< parents and the operator's arm
  kMutate = 2,    ///< the operator's own choices
  kEvaluate = 3,  ///< the domain's choices (robustness replays)
  kNicheMap = 4,  ///< centroids of a CVT niche map
  kTrain = 5,     ///< what a language model is trained on, and in which form
  kContext = 7,   ///< what a model is shown beside the parent
};

class Rng {
 public:
  Rng(std::uint64_t seed, std::uint32_t iteration, std::uint32_t slot, Stream stream)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, iteration, slot, static_cast<std::uint32_t>(stream)} {}
  explicit Rng(std::uint64_t seed) : Rng(seed, 0, 0, Stream{0}) {}

  /// Uniform over all 32-bit values. A stream has 2^34 of them.
  std::uint32_t next_u32() {
    if (position_ == 4) refill();
    return block_[position_++];
  }
  std::uint64_t next_u64() {
    const std::uint64_t high = next_u32();
    return (high << 32) | next_u32();
  }
  /// Uniform in [0, bound), without bias (Lemire 2019, "Fast random integer generation in an interval").
  std::uint32_t below(std::uint32_t bound);
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box-Muller, the cosine branch; the sine branch is not kept, so that draws stay
  /// countable).
  double normal();
  /// Index drawn with probability proportional to its weight. Weights: finite, not negative, not all zero.
  std::size_t weighted(std::span<const double> weights);

  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
    }
  }

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned position_ = 4;
};

/// One Philox4x32-10 block, exposed for its known-answer test.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

}  // namespace samara
