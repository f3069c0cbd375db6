#include "samara/patch/line_diff.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "samara/base/rng.h"

namespace samara {
namespace {

using Kind = LineEdit::Kind;

std::string side(const std::vector<LineEdit>& edits, Kind dropped) {
  std::string text;
  for (const LineEdit& edit : edits) {
    if (edit.kind != dropped) text += std::string(edit.line) + "\n";
  }
  return text;
}

std::string text_of(const std::vector<int>& lines) {
  std::string text;
  for (const int line : lines) text += std::string(1, static_cast<char>('a' + std::abs(line % 4))) + "\n";
  return text;
}

/// Length of the longest common subsequence, by the textbook table: an independent reference.
std::size_t common_lines(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      table[i][j] =
          a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.size()][b.size()];
}

TEST(LineDiffTest, ScriptsRebuildBothSidesAndAreShortest) {
  EXPECT_TRUE(rc::check([](const std::vector<int>& x, const std::vector<int>& y) {
    const std::string before = text_of(x), after = text_of(y);
    const std::vector<LineEdit> edits = line_diff(before, after);
    RC_ASSERT(side(edits, Kind::kAdd) == before);
    RC_ASSERT(side(edits, Kind::kRemove) == after);
    const auto kept =
        std::count_if(edits.begin(), edits.end(), [](const LineEdit& e) { return e.kind == Kind::kKeep; });
    RC_ASSERT(static_cast<std::size_t>(kept) == common_lines(split_lines(before), split_lines(after)));
  }));
}

TEST(LineDiffTest, ThousandsOfEditsStillRebuildBothSides) {
  Rng rng(1);
  std::string before, after;
  for (int i = 0; i < 6000; ++i) {
    before += std::to_string(rng.below(3000)) + "\n";
    after += std::to_string(rng.below(3000)) + "\n";
  }
  const std::vector<LineEdit> edits = line_diff(before, after);
  EXPECT_EQ(side(edits, Kind::kAdd), before);
  EXPECT_EQ(side(edits, Kind::kRemove), after);
}

TEST(LineDiffTest, EqualTextsHaveNoHunks) {
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb"), "");
  EXPECT_EQ(unified_diff("", ""), "");
}

TEST(LineDiffTest, HunksCarryContextAndCounts) {
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", 2),
            "@@ -3,5 +3,5 @@\n 3\n 4\n-5\n+five\n 6\n 7\n");
  EXPECT_EQ(unified_diff("", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(unified_diff("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
}

TEST(LineDiffTest, NearChangesShareAHunkAndFarOnesDoNot) {
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", 1),
            "@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -4,2 +4,2 @@\n 4\n-5\n+y\n");
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n", "x\n2\n3\ny\n", 1), "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n");
}

}  // namespace
}  // namespace samara
