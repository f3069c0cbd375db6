#include "samara/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace samara {
namespace {

// Known answers published with the Random123 library (kat_vectors, philox4x32 10 rounds).
TEST(RngTest, PhiloxMatchesItsPublishedVectors) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RngTest, StreamsDifferInEveryCoordinate) {
  const auto first = [](Rng rng) { return rng.next_u64(); };
  const std::uint64_t base = first(Rng(7, 3, 5, Stream::kSelect));
  EXPECT_EQ(base, first(Rng(7, 3, 5, Stream::kSelect)));
  EXPECT_NE(base, first(Rng(8, 3, 5, Stream::kSelect)));
  EXPECT_NE(base, first(Rng(7, 4, 5, Stream::kSelect)));
  EXPECT_NE(base, first(Rng(7, 3, 6, Stream::kSelect)));
  EXPECT_NE(base, first(Rng(7, 3, 5, Stream::kMutate)));
  EXPECT_NE(base, first(Rng(7ULL << 32, 3, 5, Stream::kSelect)));
}

TEST(RngTest, BelowIsUniformAndInRange) {
  Rng rng(1);
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);  // about five standard deviations
}

TEST(RngTest, WeightedNeverPicksAZeroWeight) {
  Rng rng(2);
  const std::vector<double> weights{0.0, 3.0, 0.0, 1.0, 0.0};
  std::vector<int> counts(weights.size(), 0);
  for (int i = 0; i < 40000; ++i) ++counts[rng.weighted(weights)];
  EXPECT_EQ(counts[0] + counts[2] + counts[4], 0);
  EXPECT_NEAR(counts[1], 30000, 500);
}

TEST(RngTest, NormalHasUnitVariance) {
  Rng rng(3);
  double sum = 0.0, squares = 0.0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0.0, 0.02);
  EXPECT_NEAR(squares / n, 1.0, 0.03);
}

TEST(RngTest, ShuffleIsAPermutation) {
  Rng rng(4);
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> before = items;
  rng.shuffle(std::span(items));
  EXPECT_NE(items, before);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, before);
}

}  // namespace
}  // namespace samara
