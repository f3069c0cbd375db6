#include "samara/base/sha256.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

std::string hex(const Sha256Digest& digest) {
  return to_hex(digest.data(), digest.size());
}

// FIPS 180-4 example: the digest of "abc".
TEST(Sha256Test, MatchesThePublishedExample) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256().add("a").add("bc").finish(), sha256("abc"));
}

TEST(Sha256Test, StringsKeepTheirBorders) {
  EXPECT_NE(Sha256().add_string("ab").add_string("c").finish(),
            Sha256().add_string("a").add_string("bc").finish());
}

TEST(Sha256Test, NumbersAreLittleEndian) {
  EXPECT_EQ(Sha256().add_u64(0x0102).finish(), sha256(std::string_view("\x02\x01\0\0\0\0\0\0", 8)));
  EXPECT_NE(Sha256().add_double(0.0).finish(), Sha256().add_double(-0.0).finish());
}

TEST(Sha256Test, FinishStartsAnew) {
  Sha256 hash;
  hash.add("abc");
  const Sha256Digest first = hash.finish();
  EXPECT_EQ(hash.add("abc").finish(), first);
}

}  // namespace
}  // namespace samara
