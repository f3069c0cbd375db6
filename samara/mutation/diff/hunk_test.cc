#include "samara/mutation/diff/hunk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace samara::diff {
namespace {

/// Few different lines, so that texts share some.
std::string text_of(const std::vector<std::uint8_t>& letters) {
  std::string text;
  for (const std::uint8_t letter : letters)
    text += std::string(1, static_cast<char>('a' + letter % 4)) + "\n";
  return text;
}

RC_GTEST_PROP(HunkTest, HunksBetweenTextsTurnOneIntoTheOther,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
  const std::string before = text_of(a), after = text_of(b);
  RC_ASSERT(apply_hunks(before, hunks_between(before, after)) == after);
}

RC_GTEST_PROP(HunkTest, HunksChangeSomethingAndNeitherOverlapNorTouch,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
  std::size_t end = 0;
  bool first = true;
  for (const Hunk& hunk : hunks_between(text_of(a), text_of(b))) {
    RC_ASSERT(hunk.removed + hunk.inserted.size() > 0);
    if (!first) RC_ASSERT(hunk.line > end);
    first = false;
    end = hunk.line + hunk.removed;
  }
}

TEST(HunkTest, ATextWithoutAFinalLineBreakStaysWithout) {
  EXPECT_EQ(apply_hunks("a\nb", std::vector<Hunk>{{2, 0, {"c"}}}), "a\nb\nc");
  EXPECT_EQ(apply_hunks("a\nb\n", std::vector<Hunk>{{2, 0, {"c"}}}), "a\nb\nc\n");
  EXPECT_EQ(apply_hunks("a\nb", std::vector<Hunk>{{0, 2, {}}}), "");
}

}  // namespace
}  // namespace samara::diff
