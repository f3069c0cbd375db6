#include "samara/lm/cpu/internal/prefix_cache.h"

#include <gtest/gtest.h>

namespace samara::lm::cpu {
namespace {

constexpr std::size_t kPage = 1024;

class PrefixCacheTest : public ::testing::Test {
 protected:
  KvSequence sequence(std::size_t positions) {
    KvSequence made(pool_);
    made.reserve(positions);
    return made;
  }
  PagePool pool_{kPage};
};

TEST_F(PrefixCacheTest, HoldsExactlyThePrefixesItWasGiven) {
  PrefixCache cache(100 * kPage);
  const Tokens a = {1, 2, 3}, b = {1, 2}, c = {1, 2, 3, 4};
  cache.insert(a, sequence(3));
  EXPECT_NE(cache.find(a), nullptr);
  EXPECT_EQ(cache.find(b), nullptr);
  EXPECT_EQ(cache.find(c), nullptr);
}

TEST_F(PrefixCacheTest, TheLeastRecentlyUsedLeaveAndBytesStayWithinBounds) {
  PrefixCache cache(4 * kPage);
  const Tokens a = {1}, b = {2}, c = {3}, d = {4};
  cache.insert(a, sequence(100));  // 2 pages
  cache.insert(b, sequence(10));   // 1
  cache.insert(c, sequence(10));   // 1: full
  EXPECT_NE(cache.find(a), nullptr);
  cache.insert(d, sequence(64));  // 1: b has to leave
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  EXPECT_NE(cache.find(a), nullptr);
  EXPECT_EQ(cache.find(b), nullptr);
  EXPECT_NE(cache.find(c), nullptr);
  EXPECT_NE(cache.find(d), nullptr);
  cache.insert(b, sequence(65));  // 2: a leaves
  EXPECT_EQ(cache.find(a), nullptr);
  EXPECT_EQ(cache.bytes(), 4 * kPage);
  cache.insert(a, sequence(1000));  // larger than the whole cache: not kept, and nothing leaves for it
  EXPECT_EQ(cache.find(a), nullptr);
  EXPECT_EQ(cache.size(), 3U);
}

TEST_F(PrefixCacheTest, APrefixThatIsThereIsNotCountedTwice) {
  PrefixCache cache(4 * kPage);
  const Tokens a = {1};
  cache.insert(a, sequence(1));
  cache.insert(a, sequence(1));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.bytes(), kPage);
}

TEST_F(PrefixCacheTest, PagesOutliveTheCacheAndThePoolForWhoeverHoldsThem) {
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
