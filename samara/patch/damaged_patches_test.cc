// Diffs as models damage them, each with what should become of it: applied, with how much tolerated, to the
// program that was meant; or refused, and why.

#include <gtest/gtest.h>

#include <ostream>

#include "samara/patch/patch.h"

namespace samara {
namespace {

constexpr std::string_view kBefore =
    "import math\n"
    "\n"
    "\n"
    "def area(width, height):\n"
    "    total = width + height\n"
    "    return total\n"
    "\n"
    "\n"
    "def volume(width, height, depth):\n"
    "    base = area(width, height)\n"
    "    return base * depth\n"
    "\n"
    "\n"
    "def scale(shape, factor):\n"
    "    result = []\n"
    "    for side in shape:\n"
    "        result.append(side * factor)\n"
    "    return result\n"
    "\n"
    "\n"
    "def shrink(shape, factor):\n"
    "    result = []\n"
    "    for side in shape:\n"
    "        result.append(side / factor)\n"
    "    return result\n";

/// The program with one stretch of it replaced.
std::string with(std::string_view old_text, std::string_view new_text) {
  std::string text(kBefore);
  const std::size_t at = text.find(old_text);
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(text.find(old_text, at + 1), std::string::npos) << "the sample's stretch is there twice";
  return text.replace(at, old_text.size(), new_text);
}

const std::string kFixed = with("width + height\n", "width * height\n");

struct Sample {
  const char* name;
  std::string reply;
  std::string expected;  ///< the program, or a part of the refusal's reason
  Fuzz fuzz = {};
  std::optional<PatchProblem> problem = {};
  std::string before = std::string(kBefore);
};
void PrintTo(const Sample& sample, std::ostream* out) {
  *out << sample.name;
}

constexpr auto kWhite = Match::kWhiteSpace;
constexpr auto kNear = Match::kNear;

std::string with_carriage_returns(std::string_view text) {
  std::string out;
  for (const char c : text) (c == '\n' ? out += '\r' : out) += c;
  return out;
}

const char* const kGoodHunk =
    "@@ -4,3 +4,3 @@\n"
    " def area(width, height):\n"
    "-    total = width + height\n"
    "+    total = width * height\n"
    "     return total\n";

std::vector<Sample> samples() {
  const std::string good = kGoodHunk;
  return {
      // Whole diffs, and what may stand around them.
      {"undamaged", "--- a/shapes.py\n+++ b/shapes.py\n" + good, kFixed},
      {"no file header", good, kFixed},
      {"wrong file header", "--- a/other.txt\n+++ /dev/null\n" + good, kFixed},
      {"git's headers",
       "diff --git a/s.py b/s.py\nindex 83db48f..bf2a2f1 100644\n--- a/s.py\n+++ b/s.py\n" + good, kFixed},
      {"fenced, with prose around",
       "The sides must be multiplied:\n\n```diff\n--- s.py\n+++ s.py\n" + good + "```\n\nThat is all.\n",
       kFixed},
      {"prose and a list behind it", good + "\nI changed\n- the sum to a product\n+ nothing else\n", kFixed},
      {"prose right behind it, counts wrong",
       "@@ -4,9 +4,9 @@\n def area(width, height):\n-    total = width + height\n+    total = width * "
       "height\n"
       "     return total\nThis multiplies the sides.\n",
       kFixed},
      {"a mail's signature", good + "-- \n2.39.5\n", kFixed},
      {"CRLF in the diff", with_carriage_returns(good), kFixed},
      {"CRLF in the program",
       good,
       with_carriage_returns(kFixed),
       {kWhite},
       {},
       with_carriage_returns(kBefore)},
      {"CRLF in both",
       with_carriage_returns(good),
       with_carriage_returns(kFixed),
       {kWhite},
       {},
       with_carriage_returns(kBefore)},
      {"no line break at the end", good.substr(0, good.size() - 1), kFixed},

      // Numbers.
      {"no numbers", "@@ @@\n" + good.substr(good.find('\n') + 1), kFixed},
      {"dots for numbers", "@@ ... @@\n" + good.substr(good.find('\n') + 1), kFixed},
      {"a function for numbers",
       "@@ def area(width, height): @@\n-    total = width + height\n+    total = width * height\n", kFixed},
      {"no @@ line at all",
       "--- a/s.py\n+++ b/s.py\n-    total = width + height\n+    total = width * height\n", kFixed},
      {"nothing but the lines", "-    total = width + height\n+    total = width * height\n", kFixed},
      {"wrong line number",
       "@@ -40,3 +40,3 @@\n" + good.substr(good.find('\n') + 1),
       kFixed,
       {Match::kExact, 0, 0, 36}},
      {"counts too small", "@@ -4,1 +4,1 @@\n" + good.substr(good.find('\n') + 1), kFixed},
      {"counts too large, hunk after it",
       "@@ -4,30 +4,30 @@\n" + good.substr(good.find('\n') + 1) +
           "@@ -10,2 +10,2 @@\n     base = area(width, height)\n-    return base * depth\n+    return depth "
           "* base\n",
       with("width + height\n    return total\n\n\ndef volume(width, height, depth):\n    base = area(width, "
            "height)\n    return base * depth\n",
            "width * height\n    return total\n\n\ndef volume(width, height, depth):\n    base = area(width, "
            "height)\n    return depth * base\n")},

      // White space.
      {"context without its blank",
       "@@ -4,3 +4,3 @@\ndef area(width, height):\n-    total = width + height\n+    total = width * height\n"
       "    return total\n",
       kFixed,
       {kWhite}},
      {"blank context lines lost their blank",
       "@@ -1,5 +1,5 @@\n import math\n\n\n def area(width, height):\n-    total = width + height\n"
       "+    total = width * height\n",
       kFixed},
      {"blank lines left out",
       "@@ -1,5 +1,5 @@\n import math\n def area(width, height):\n-    total = width + height\n"
       "+    total = width * height\n",
       kFixed,
       {kWhite}},
      {"indentation lost by removed and added lines",
       "@@ @@\n def area(width, height):\n-total = width + height\n+total = width * height\n",
       kFixed,
       {kWhite}},
      {"indentation doubled",
       "@@ @@\n-        total = width + height\n+        total = width * height\n",
       kFixed,
       {kWhite}},
      {"other blanks inside a line",
       "@@ @@\n-    total=width+height\n+    total = width * height\n",
       kFixed,
       {kWhite}},
      {"blanks at the end of a line",
       "@@ @@\n-    total = width + height  \n+    total = width * height\n",
       kFixed,
       {kWhite}},

      // Typos and context that is not there.
      {"a typo in a removed line",
       "@@ @@\n def area(width, height):\n-    totl = width + height\n+    total = width * height\n",
       kFixed,
       {kNear, 1}},
      {"a typo in context",
       "@@ @@\n def area(width, hight):\n-    total = width + height\n+    total = width * height\n",
       kFixed,
       {kNear, 1}},
      {"invented context at an edge",
       "@@ @@\n # The area of a rectangle.\n def area(width, height):\n-    total = width + height\n"
       "+    total = width * height\n",
       kFixed,
       {kNear, 0, 1}},
      {"a removed line that is nowhere",
       "@@ @@\n def area(width, height):\n-    perimeter = 2 * (width + height)\n+    x = 1\n",
       "no line `    perimeter = 2 * (width + height)`; the nearest is line",
       {},
       PatchProblem::kNotFound},
      {"a removed line of another function",
       "@@ @@\n def area(width, height):\n-    return base * depth\n+    return 0\n",
       "not in this order next to each other",
       {},
       PatchProblem::kNotFound},

      // Ambiguity.
      {"fits twice",
       "@@ @@\n     result = []\n-    for side in shape:\n+    for side in sorted(shape):\n",
       "fits in 2 places equally well (lines 15, 22)",
       {},
       PatchProblem::kAmbiguous},
      {"fits twice, the line number decides",
       "@@ -21,2 +21,2 @@\n     result = []\n-    for side in shape:\n+    for side in sorted(shape):\n",
       with("def shrink(shape, factor):\n    result = []\n    for side in shape:",
            "def shrink(shape, factor):\n    result = []\n    for side in sorted(shape):"),
       {Match::kExact, 0, 0, 1}},
      {"fits twice, the line number is half way between",
       "@@ -18,2 +18,2 @@\n     result = []\n-    for side in shape:\n+    for side in sorted(shape):\n",
       "fits in 2 places",
       {},
       PatchProblem::kAmbiguous},
      {"fits twice, the function decides",
       "@@ def shrink(shape, factor):\n     result = []\n-    for side in shape:\n+    for side in "
       "sorted(shape):\n",
       with("def shrink(shape, factor):\n    result = []\n    for side in shape:",
            "def shrink(shape, factor):\n    result = []\n    for side in sorted(shape):")},
      {"fits twice, the hunk before it decides",
       "@@ @@\n-    return base * depth\n+    return depth * base\n@@ @@\n def shrink(shape, factor):\n-    "
       "result = []\n+    result = list()\n"
       "@@ @@\n-    for side in shape:\n+    for side in sorted(shape):\n",
       with("    return base * depth\n\n\ndef scale(shape, factor):\n    result = []\n    for side in "
            "shape:\n        "
            "result.append(side * factor)\n    return result\n\n\ndef shrink(shape, factor):\n    result = "
            "[]\n    for "
            "side in shape:",
            "    return depth * base\n\n\ndef scale(shape, factor):\n    result = []\n    for side in "
            "shape:\n        "
            "result.append(side * factor)\n    return result\n\n\ndef shrink(shape, factor):\n    result = "
            "list()\n    "
            "for side in sorted(shape):")},
      {"a typo that two lines could be meant by",
       "@@ @@\n-        result.append(side + factor)\n+        result.append(factor)\n",
       "fits in 2 places",
       {},
       PatchProblem::kAmbiguous},
      {"adds without saying where",
       "@@ @@\n+    print(total)\n",
       "says what to add but not where",
       {},
       PatchProblem::kAmbiguous},
      {"two hunks change one line", good + good, "both change line 5", {}, PatchProblem::kConflict},
      {"hunks that share context",
       "@@ @@\n def area(width, height):\n-    total = width + height\n+    total = width * height\n     "
       "return total\n"
       "@@ @@\n     return total\n \n \n-def volume(width, height, depth):\n+def volume(width, height, "
       "depth=1):\n",
       with("width + height\n    return total\n\n\ndef volume(width, height, depth):",
            "width * height\n    return total\n\n\ndef volume(width, height, depth=1):")},

      // Nothing to apply.
      {"a diff without changes",
       "@@ -4,2 +4,2 @@\n def area(width, height):\n     total = width + height\n",
       "no line that begins with '+' or '-'",
       {},
       PatchProblem::kNoChange},
      {"an empty reply", "", "neither a diff nor a program", {}, PatchProblem::kNoEdit},
      {"prose",
       "I am sorry, but from what I see there is nothing wrong with this program.\n",
       "neither a diff nor a program",
       {},
       PatchProblem::kNoEdit},

      // Other dialects.
      {"begin patch, update file",
       "*** Begin Patch\n*** Update File: shapes.py\n@@ def area(width, height):\n-    total = width + "
       "height\n"
       "+    total = width * height\n     return total\n*** End Patch\n",
       kFixed},
      {"search and replace",
       "shapes.py\n```python\n<<<<<<< SEARCH\n    total = width + height\n=======\n    total = width * "
       "height\n"
       ">>>>>>> REPLACE\n```\n",
       kFixed},
      {"search and replace without indentation",
       "<<<<<<< SEARCH\ndef area(width, height):\ntotal = width + height\n=======\ndef area(width, height):\n"
       "total = width * height\n>>>>>>> REPLACE\n",
       kFixed,
       {kWhite}},
      {"search and replace that finds nothing",
       "<<<<<<< SEARCH\n    base = volume(width, height)\n=======\n    base = 1\n>>>>>>> REPLACE\n",
       "nearest is line 10",
       {},
       PatchProblem::kNotFound},
      {"search and replace that fits twice",
       "<<<<<<< SEARCH\n    return result\n=======\n    return tuple(result)\n>>>>>>> REPLACE\n",
       "fits in 2 places equally well (lines 18, 25)",
       {},
       PatchProblem::kAmbiguous},
      {"search and replace without its divider",
       "<<<<<<< SEARCH\n    return total\n>>>>>>> REPLACE\n",
       "has no ======= line",
       {},
       PatchProblem::kMalformed},
      {"the whole program, fenced", "Here it is:\n```python\n" + kFixed + "```\nEnjoy.\n", kFixed},
      {"the whole program, bare", kFixed, kFixed},
      {"two code blocks of one size",
       "```\nx = 1\n```\nor\n```\nx = 2\n```\n",
       "2 code blocks",
       {},
       PatchProblem::kMalformed},
  };
}

class DamagedPatchTest : public testing::TestWithParam<Sample> {};

TEST_P(DamagedPatchTest, BecomesWhatWasMeantOrIsRefused) {
  const Sample& sample = GetParam();
  const PatchResult result = apply_patch(sample.before, sample.reply);
  if (const auto* refusal = std::get_if<PatchRefusal>(&result)) {
    ASSERT_TRUE(sample.problem.has_value()) << refusal->reason;
    EXPECT_EQ(refusal->problem, *sample.problem) << refusal->reason;
    EXPECT_NE(refusal->reason.find(sample.expected), std::string::npos) << refusal->reason;
    EXPECT_EQ(refusal->reason.find('\n'), std::string::npos);
    return;
  }
  const Patched& patched = std::get<Patched>(result);
  ASSERT_FALSE(sample.problem.has_value()) << patched.text;
  EXPECT_EQ(patched.text, sample.expected);
  EXPECT_EQ(patched.fuzz.match, sample.fuzz.match);
  EXPECT_EQ(patched.fuzz.near_lines, sample.fuzz.near_lines);
  EXPECT_EQ(patched.fuzz.dropped_context, sample.fuzz.dropped_context);
  EXPECT_EQ(patched.fuzz.offset, sample.fuzz.offset);
}

INSTANTIATE_TEST_SUITE_P(Samples, DamagedPatchTest, testing::ValuesIn(samples()), [](const auto& info) {
  std::string name;
  bool upper = true;
  for (const char c : std::string(info.param.name)) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += static_cast<char>(upper ? std::toupper(static_cast<unsigned char>(c)) : c);
    }
    upper = !std::isalnum(static_cast<unsigned char>(c));
  }
  return name;
});

}  // namespace
}  // namespace samara
