#include "samara/lm/cpu/internal/prefix_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <thread>

#include "samara/base/rng.h"

namespace samara::lm::cpu {
namespace {

constexpr std::size_t kPage = 1024;

/// Whether the whole entry is found that was inserted as `prefix`.
bool holds(PrefixCache& cache, const Tokens& prefix) {
  return cache.find(prefix, prefix.size()).positions == prefix.size();
}

KvSequence sequence(PrefixCache& cache, std::size_t positions) {
  KvSequence made(cache.pool());
  made.reserve(positions);
  return made;
}

TEST(PrefixCacheTest, HoldsExactlyThePrefixesItWasGiven) {
  PrefixCache cache(kPage, 100 * kPage);
  const Tokens a = {1, 2, 3}, b = {1, 2}, c = {1, 2, 3, 4};
  cache.insert(a, sequence(cache, 3));
  EXPECT_TRUE(holds(cache, a));
  EXPECT_FALSE(holds(cache, b));
  EXPECT_FALSE(holds(cache, c));
}

TEST(PrefixCacheTest, TheLeastRecentlyUsedLeaveAndBytesStayWithinBounds) {
  PrefixCache cache(kPage, 4 * kPage);
  const Tokens a = {1}, b = {2}, c = {3}, d = {4};
  cache.insert(a, sequence(cache, 100));  // 2 pages
  cache.insert(b, sequence(cache, 10));   // 1
  cache.insert(c, sequence(cache, 10));   // 1: full
  EXPECT_TRUE(holds(cache, a));
  cache.insert(d, sequence(cache, 64));  // 1: b has to leave
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  EXPECT_TRUE(holds(cache, a));
  EXPECT_FALSE(holds(cache, b));
  EXPECT_TRUE(holds(cache, c));
  EXPECT_TRUE(holds(cache, d));
  cache.insert(b, sequence(cache, 65));  // 2: a leaves
  EXPECT_FALSE(holds(cache, a));
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  cache.insert(a, sequence(cache, 1000));  // larger than the whole cache: not kept, and nothing leaves for it
  EXPECT_FALSE(holds(cache, a));
  EXPECT_EQ(cache.size(), 3U);
}

TEST(PrefixCacheTest, APrefixThatIsThereIsNotCountedTwice) {
  PrefixCache cache(kPage, 4 * kPage);
  const Tokens a = {1};
  cache.insert(a, sequence(cache, 1));
  cache.insert(a, sequence(cache, 1));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.bytes(), kPage);
}

/// n tokens that count from `first` on.
Tokens counting(std::size_t n, TokenId first = 1) {
  Tokens tokens(n);
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

TEST(PrefixCacheTest, APromptThatGoesOnOtherwiseFindsWhatItHasInCommon) {
  PrefixCache cache(kPage, 100 * kPage);
  const Tokens parent = counting(200);
  cache.insert(parent, sequence(cache, 200));
  Tokens child = counting(220);
  child[150] = 9999;
  const PrefixCache::Match match = cache.find(child, 210);
  EXPECT_EQ(match.positions, 150U);  // to the token, not only to the page
  child[10] = 9999;
  EXPECT_EQ(cache.find(child, 210).positions, 0U);  // less than a page is not looked for
  EXPECT_EQ(cache.find(counting(64), 30).positions, 64U);
  EXPECT_EQ(cache.find(counting(300), 0).positions, 200U);
  EXPECT_FALSE(cache.contains(child));
}

TEST(PrefixCacheTest, TheVeryPrefixGoesBeforeALaterRelative) {
  PrefixCache cache(kPage, 100 * kPage);
  const Tokens parent = counting(100);
  Tokens relative = parent;
  relative.back() = 7;
  const KvSequence whole = sequence(cache, 100);
  cache.insert(parent, whole.fork(100));
  cache.insert(relative, whole.fork(99));
  EXPECT_EQ(cache.find(parent, 100).positions, 100U);
}

TEST(PrefixCacheTest, SharedPagesCountOnceAndStayWhileAnEntryHoldsThem) {
  PrefixCache cache(kPage, 4 * kPage);
  const KvSequence origin = sequence(cache, 128);
  const Tokens a = counting(128);
  Tokens b = counting(130), c = counting(130), d = counting(130);
  b[129] = 1, c[129] = 2, d[129] = 3;
  const auto child = [&] {
    KvSequence made = origin.fork(128);
    made.reserve(130);
    return made;
  };
  cache.insert(a, origin.fork(128));
  cache.insert(b, child());
  cache.insert(c, child());
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  cache.insert(d, child());  // a leaves, which frees nothing, and b, which frees a page
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.find(d, 130).positions, 130U);
  EXPECT_EQ(cache.find(a, 128).positions, 128U);  // in c or d
  cache.insert(counting(200, 5000), sequence(cache, 200));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find(a, 128).positions, 0U);
}

std::byte* place(KvSequence& s, std::size_t i) {
  return s.page(i) + i % kPagePositions * sizeof(TokenId);
}

/// Whether each of the first n positions of a test's sequence holds its token.
bool has_tokens(KvSequence sequence, const Tokens& tokens, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    if (std::memcmp(place(sequence, k), &tokens[k], sizeof(TokenId)) != 0) return false;
  }
  return true;
}

/// What is known of the tokens, with the rest written on.
KvSequence written_on(const PrefixCache::Match& known, const Tokens& tokens) {
  KvSequence made = known.sequence.fork(known.positions);
  made.reserve(tokens.size());
  for (std::size_t k = known.positions; k < tokens.size(); ++k) {
    std::memcpy(place(made, k), &tokens[k], sizeof(TokenId));
  }
  return made;
}

/// New tokens, or a relative of earlier ones.
Tokens next_tokens(Rng& rng, const std::vector<Tokens>& seen, std::uint32_t number) {
  Tokens tokens = seen.empty() || rng.chance(0.1) ? counting(1 + rng.below(300), rng.below(1000) * 1000)
                                                  : seen[rng.below(static_cast<std::uint32_t>(seen.size()))];
  tokens[rng.below(static_cast<std::uint32_t>(tokens.size()))] = 1'000'000 + number;
  return tokens;
}

TEST(PrefixCacheTest, WhatIsFoundIsThePromptsAndNoEntrySharesMorePages) {
  Rng rng(3);
  PrefixCache cache(kPage, 40 * kPage);
  std::vector<Tokens> seen;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Tokens tokens = next_tokens(rng, seen, i);
    std::size_t most = 0;
    for (const Tokens& other : seen) {
      if (!cache.contains(other)) continue;
      const auto end = std::mismatch(tokens.begin(), tokens.end(), other.begin(), other.end()).first;
      most = std::max(most, static_cast<std::size_t>(end - tokens.begin()));
    }
    const PrefixCache::Match match = cache.find(tokens, tokens.size());
    EXPECT_GE(match.positions / kPagePositions, most / kPagePositions);
    ASSERT_TRUE(has_tokens(match.sequence.fork(match.positions), tokens, match.positions));
    cache.insert(tokens, written_on(match, tokens));
    EXPECT_LE(cache.bytes(), 40 * kPage);
    seen.push_back(std::move(tokens));
  }
}

TEST(PrefixCacheTest, SeveralThreadsFindWhatIsTheirsAlsoAfterItHasLeft) {
  PrefixCache cache(kPage, 20 * kPage);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, &wrong, t] {
      Rng relatives(5), rng(5, 0, t, Stream::kMutate);  // the threads' prompts are each other's relatives
      std::vector<Tokens> seen;
      for (int i = 0; i < 20; ++i) seen.push_back(counting(200, relatives.below(1000) * 1000));
      for (std::uint32_t i = 0; i < 300; ++i) {
        Tokens tokens = next_tokens(rng, seen, i);
        const PrefixCache::Match match = cache.find(tokens, tokens.size());
        for (std::uint32_t k = 0; k < 5; ++k) {  // so many leave meanwhile, and their pages are used anew
          const Tokens other = next_tokens(rng, seen, 1000 * (i + 1) + k);
          cache.insert(other, written_on(cache.find(other, other.size()), other));
        }
        if (!has_tokens(match.sequence.fork(match.positions), tokens, match.positions)) ++wrong;
        cache.insert(tokens, written_on(match, tokens));
        seen.push_back(std::move(tokens));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.bytes(), 20 * kPage);
}

TEST(KvPagesTest, PagesOutliveThePoolForWhoeverHoldsThem) {
  auto pool = std::make_unique<PagePool>(kPage);
  KvSequence origin(*pool);
  origin.reserve(70);
  origin.page(0)[0] = std::byte{7};
  origin.page(64)[0] = std::byte{8};
  KvSequence fork = origin.fork(65);
  origin.page(64)[0] = std::byte{9};
  { const KvSequence gone = std::move(origin); }
  EXPECT_EQ(fork.page(0)[0], std::byte{7});   // shared
  EXPECT_EQ(fork.page(64)[0], std::byte{8});  // a copy
  pool.reset();
  EXPECT_EQ(fork.page(0)[0], std::byte{7});
}

}  // namespace
}  // namespace samara::lm::cpu
