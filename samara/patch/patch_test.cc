#include "samara/patch/patch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "samara/base/rng.h"
#include "samara/patch/internal/locate.h"
#include "samara/patch/line_diff.h"

namespace samara {
namespace {

/// Lines that look like a diff's own syntax, repeat, and have odd ends.
rc::Gen<std::string> awkward_text() {
  const auto line = rc::gen::element<std::string>(
      "a", "b", "", " ", "  a", "\ta", "a\r", "\r", "@@ -1,1 +1,1 @@", "-- a", "++ b", "--- a", "+++ b",
      "```", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "\\ No newline at end of file", "+", "-", "-- ",
      "diff --git a/x b/x", std::string("\0", 1), "\xff", "```diff");
  return rc::gen::map(
      rc::gen::pair(rc::gen::container<std::vector<std::string>>(line), rc::gen::arbitrary<bool>()),
      [](const std::pair<std::vector<std::string>, bool>& parts) {
        std::string text;
        for (const std::string& one : parts.first) text += one + "\n";
        if (parts.second && !text.empty()) text.pop_back();
        return text;
      });
}

/// A program in which no two lines are alike: a hunk with context fits in one place only.
std::vector<std::string> distinct_lines(Rng& rng) {
  std::vector<std::string> lines;
  const std::uint32_t count = 2 + rng.below(30);
  for (std::uint32_t i = 0; i < count; ++i) {
    const char letter = static_cast<char>('a' + rng.below(26));
    lines.push_back(std::string(rng.below(3) * 4, ' ') + "line_" + std::to_string(i * 37) + " = " + letter);
  }
  return lines;
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// The lines with some removed, changed and added.
std::vector<std::string> changed(const std::vector<std::string>& lines, Rng& rng) {
  std::vector<std::string> after;
  for (const std::string& line : lines) {
    const std::uint32_t choice = rng.below(12);
    if (choice == 0) continue;
    after.push_back(choice == 1 ? line + " + 1" : line);
    if (choice == 2) after.push_back("    added_" + std::to_string(rng.below(1000)) + "()");
  }
  return after;
}

TEST(PatchTest, ADiffThatWasMadeAppliesToTheByte) {
  EXPECT_TRUE(rc::check([] {
    const std::string before = *awkward_text(), after = *awkward_text();
    const std::size_t context = *rc::gen::inRange<std::size_t>(0, 4);
    const std::string diff = exact_unified_diff(before, after, context);
    RC_PRE(!diff.empty());
    const PatchResult result = apply_patch(before, diff);
    RC_ASSERT(std::holds_alternative<Patched>(result));
    const Patched& patched = std::get<Patched>(result);
    RC_ASSERT(patched.format == PatchFormat::kUnifiedDiff);
    RC_ASSERT(patched.text == after);
    RC_ASSERT(patched.fuzz.match == Match::kExact);
    RC_ASSERT(patched.fuzz.offset == 0u);
  }));
}

TEST(PatchTest, NumbersHeadersAndProseDoNotMatterWhereLinesAreDistinct) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Rng rng(seed);
    const std::vector<std::string> lines = distinct_lines(rng);
    const std::string before = join(lines), after = join(changed(lines, rng));
    const std::string diff = unified_diff(before, after, 1 + rng.below(3));
    RC_PRE(!diff.empty());
    std::string damaged = rng.chance(0.5) ? "--- wrong\n+++ names\n" : "";
    const bool no_numbers = rng.chance(0.3);
    for (const std::string_view line : split_lines(diff)) {
      if (!line.starts_with("@@")) {
        damaged += std::string(line) + (rng.chance(0.2) ? "  " : "");
      } else if (no_numbers) {
        damaged += "@@ @@";
      } else {
        damaged += "@@ -" + std::to_string(rng.below(99)) + "," + std::to_string(rng.below(9)) + " +" +
                   std::to_string(rng.below(99)) + " @@";
      }
      damaged += "\n";
    }
    if (rng.chance(0.5)) damaged = "Like this:\n```diff\n" + damaged + "```\nDone.\n";
    const PatchResult result = apply_patch(before, damaged);
    RC_LOG() << damaged;
    RC_ASSERT(std::holds_alternative<Patched>(result));
    // Blanks that were put behind added lines stay.
    const std::vector<std::string_view> got = split_lines(std::get<Patched>(result).text);
    const std::vector<std::string_view> want = split_lines(after);
    RC_ASSERT(got.size() == want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      RC_ASSERT(internal::squeeze(got[i]) == internal::squeeze(want[i]));
    }
  }));
}

TEST(PatchTest, SearchReplaceBlocksReplaceTheirStretchOfDistinctLines) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Rng rng(seed);
    const std::vector<std::string> lines = distinct_lines(rng);
    const std::size_t begin = rng.below(static_cast<std::uint32_t>(lines.size()));
    const std::size_t size = 1 + rng.below(static_cast<std::uint32_t>(lines.size() - begin));
    const std::vector<std::string> stretch(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                                           lines.begin() + static_cast<std::ptrdiff_t>(begin + size));
    const std::vector<std::string> replacement = changed(stretch, rng);
    RC_PRE(replacement != stretch);
    std::vector<std::string> after(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(begin));
    after.insert(after.end(), replacement.begin(), replacement.end());
    after.insert(after.end(), lines.begin() + static_cast<std::ptrdiff_t>(begin + size), lines.end());
    const PatchResult result =
        apply_patch(join(lines), "Sure:\n<<<<<<< SEARCH\n" + join(stretch) + "=======\n" + join(replacement) +
                                     ">>>>>>> REPLACE\n");
    RC_ASSERT(std::holds_alternative<Patched>(result));
    RC_ASSERT(std::get<Patched>(result).text == join(after));
    RC_ASSERT(std::get<Patched>(result).format == PatchFormat::kSearchReplace);
  }));
}

TEST(PatchTest, SeveralBlocksAllReferToTheProgramAsItWas) {
  const PatchResult result = apply_patch("a = 1\nb = 2\n",
                                         "<<<<<<< SEARCH\na = 1\n=======\nb = 2\nx = 3\n>>>>>>> REPLACE\n"
                                         "<<<<<<< SEARCH\nb = 2\n=======\nb = 4\n>>>>>>> REPLACE\n");
  ASSERT_TRUE(std::holds_alternative<Patched>(result));
  EXPECT_EQ(std::get<Patched>(result).text, "b = 2\nx = 3\nb = 4\n");
  EXPECT_EQ(std::get<Patched>(result).edits, 2u);
}

TEST(PatchTest, AFencedRewriteIsTakenAsItStands) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Rng rng(seed);
    const std::string before = join(distinct_lines(rng)), after = join(distinct_lines(rng));
    const PatchResult result = apply_patch(before, "Here:\n```python\n" + after + "```\n");
    RC_ASSERT(std::holds_alternative<Patched>(result));
    RC_ASSERT(std::get<Patched>(result).text == after);
    RC_ASSERT(std::get<Patched>(result).format == PatchFormat::kRewrite);
  }));
}

TEST(PatchTest, BareCodeIsCutOutOfTheProseAroundIt) {
  const std::string code =
      "from math import pi\n\n@cache\ndef f(x):\n    \"\"\"Doc.\n\nAny prose.\n    \"\"\"\n    return x\n";
  const auto text_of = [](const PatchResult& result) {
    const auto* patched = std::get_if<Patched>(&result);
    return patched ? patched->text : "refused: " + std::get<PatchRefusal>(result).reason;
  };
  EXPECT_EQ(text_of(apply_patch("", code)), code);
  EXPECT_EQ(text_of(apply_patch("", "Here is the program:\n\n" + code)), code);
  EXPECT_EQ(text_of(apply_patch("", code + "\nThis returns what it got.\n")), code);
  EXPECT_TRUE(text_of(apply_patch("", code + "\nAnd now the rest:\n" + code)).starts_with("refused"));
}

TEST(PatchTest, CutOffCodeBlocksGoToTheEndOfTheReply) {
  const PatchResult result = apply_patch("", "```python\nx = 1\ny = 2\n");
  ASSERT_TRUE(std::holds_alternative<Patched>(result));
  EXPECT_EQ(std::get<Patched>(result).text, "x = 1\ny = 2\n");
}

TEST(PatchTest, ARefusedHunkLeavesNothingApplied) {
  const PatchResult result =
      apply_patch("alpha = 1\nbeta = 2\n", "@@ @@\n-alpha = 1\n+alpha = 3\n@@ @@\n-gamma = 2\n");
  ASSERT_TRUE(std::holds_alternative<PatchRefusal>(result));
  EXPECT_EQ(std::get<PatchRefusal>(result).problem, PatchProblem::kNotFound);
}

TEST(PatchTest, BoundedDistanceIsLevenshteinUpToItsLimit) {
  const auto reference = [](const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
      for (std::size_t j = 0; j <= b.size(); ++j) {
        table[i][j] = i == 0   ? j
                      : j == 0 ? i
                               : std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                                           table[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      }
    }
    return table[a.size()][b.size()];
  };
  EXPECT_TRUE(rc::check([&] {
    const auto word = rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'));
    const std::string a = *word, b = *word;
    const std::size_t limit = *rc::gen::inRange<std::size_t>(0, 12);
    RC_ASSERT(internal::bounded_distance(a, b, limit) == std::min(reference(a, b), limit + 1));
  }));
}

// Sizes at which anything that is not bounded would not come back.

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(PatchTest, HostileSizesEndInAnAnswer) {
  const std::string program = repeated("x = 1\n", 20'000);
  std::string other;
  for (int i = 0; i < 20'000; ++i) other += "y = " + std::to_string(i * 7) + "\n";
  EXPECT_EQ(line_diff(program, other).size(), 40'000u);
  const std::string replies[] = {
      "@@ @@\n" + repeated(" x = 1\n", 10'000) + "-x = 1\n",
      "@@ @@\n" + repeated(" x = 1\n", 10'000) + "-x = 2\n",
      "@@ @@\n" + repeated("-x = 1\n+x = 2\n", 15'000),
      repeated("@@\n-x = 1\n", 900),
      repeated("@@ -5 +5 @@ x = 1\n-x = 1\n", 900),
      repeated("@@\n-x = something else\n", 900),
      repeated("@@\n", 300'000),
      "@@\n" + repeated("prose\n", 100'000) + "+x\n",
      repeated("<<<<<<< SEARCH\nx = 1\n=======\nx\n>>>>>>> REPLACE\n", 20'000),
      "<<<<<<< SEARCH\n" + program + "=======\n" + other + ">>>>>>> REPLACE\n",
      repeated("<", 1'000'000),
      repeated("```\nx\n", 150'000),
      "-" + std::string(1'000'000, 'x') + "\n",
  };
  for (const std::string& reply : replies) {
    const PatchResult result = apply_patch(reply.size() % 2 ? program : other, reply);
    if (const auto* refusal = std::get_if<PatchRefusal>(&result)) {
      EXPECT_LT(refusal->reason.size(), 1000u);
    }
  }
}

}  // namespace
}  // namespace samara
