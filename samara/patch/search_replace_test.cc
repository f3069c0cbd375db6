#include "samara/patch/search_replace.h"

#include <gtest/gtest.h>

#include "samara/base/rng.h"
#include "samara/patch/patch.h"

namespace samara {
namespace {

std::string applied(const std::string& before, const std::string& patch) {
  const PatchResult result = apply_patch(before, patch);
  if (const auto* refusal = std::get_if<PatchRefusal>(&result)) return "refused: " + refusal->reason;
  return std::get<Patched>(result).text;
}

TEST(SearchReplaceTest, EqualTextsHaveNoBlocks) {
  EXPECT_EQ(search_replace_blocks("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(search_replace_blocks("", ""), "");
}

TEST(SearchReplaceTest, ABlockNamesTheLinesAroundItsChange) {
  EXPECT_EQ(search_replace_blocks("a\nb\nc\nd\n", "a\nB\nc\nd\n"),
            "<<<<<<< SEARCH\na\nb\nc\n=======\na\nB\nc\n>>>>>>> REPLACE\n");
}

TEST(SearchReplaceTest, ABlockGrowsUntilItFitsInOnePlaceOnly) {
  const std::string before = "one\nx = 0\ny = 0\nz = 0\ntwo\nx = 0\ny = 0\nz = 0\nthree\n";
  const std::string after = "one\nx = 0\ny = 0\nz = 0\ntwo\nx = 0\ny = 1\nz = 0\nthree\n";
  EXPECT_EQ(search_replace_blocks(before, after),
            "<<<<<<< SEARCH\ntwo\nx = 0\ny = 0\nz = 0\nthree\n=======\ntwo\nx = 0\ny = 1\nz = 0\nthree\n"
            ">>>>>>> REPLACE\n");
}

TEST(SearchReplaceTest, ManyEqualLinesAreDoneInTime) {
  std::string before, after;
  for (int i = 0; i < 20'000; ++i) {
    before += "0,\n";
    after += i == 10'000 ? "1,\n" : "0,\n";
  }
  EXPECT_EQ(applied(before, search_replace_blocks(before, after)), after);
}

TEST(SearchReplaceTest, WhatItMakesAppliesToTheByte) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Rng rng(seed);
    const auto line = [&] {
      return std::string(2 * rng.below(3), ' ') + "v" + std::to_string(rng.below(12)) + " = f(x)\n";
    };
    std::string before, after;
    const std::uint32_t lines = 1 + rng.below(40);
    for (std::uint32_t i = 0; i < lines; ++i) {
      const std::string old = line();
      before += old;
      const double luck = rng.uniform();
      if (luck < 0.1) continue;
      if (luck < 0.2) after += line();
      after += luck < 0.3 ? line() : old;
    }
    if (before == after || after.empty()) continue;
    const std::string blocks = search_replace_blocks(before, after);
    EXPECT_EQ(applied(before, blocks), after) << "seed " << seed << "\n" << before << "--\n" << blocks;
  }
}

}  // namespace
}  // namespace samara
