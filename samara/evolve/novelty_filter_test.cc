#include "samara/evolve/novelty_filter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "samara/base/rng.h"

namespace samara {
namespace {

using Tokens = std::vector<std::string>;

std::string joined(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token + " ";
  return text;
}

Tokens random_tokens(Rng& rng, std::size_t count) {
  Tokens tokens;
  for (std::size_t i = 0; i < count; ++i) tokens.push_back("t" + std::to_string(rng.below(5000)));
  return tokens;
}

/// With `edits` tokens replaced.
Tokens edited(Tokens tokens, std::size_t edits, Rng& rng) {
  for (std::size_t i = 0; i < edits; ++i) {
    tokens[rng.below(static_cast<std::uint32_t>(tokens.size()))] = "e" + std::to_string(rng.next_u32());
  }
  return tokens;
}

double exact_similarity(const Tokens& a, const Tokens& b) {
  const auto runs = [](const Tokens& tokens) {
    std::set<std::string> set;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      set.insert((i > 1 ? tokens[i - 2] : "") + " " + (i > 0 ? tokens[i - 1] : "") + " " + tokens[i]);
    }
    return set;
  };
  const std::set<std::string> first = runs(a), second = runs(b);
  std::size_t shared = 0;
  for (const std::string& run : first) shared += second.contains(run);
  return static_cast<double>(shared) / static_cast<double>(first.size() + second.size() - shared);
}

RC_GTEST_PROP(TextSketchTest, AnyBytesHaveASketchThatIsLikeItself, (const std::string& text)) {
  RC_ASSERT(similarity(sketch_of(text), sketch_of(text)) == 1.0);
}

RC_GTEST_PROP(TextSketchTest, SimilarityIsSymmetricAndAShare, (const std::string& a, const std::string& b)) {
  const double there = similarity(sketch_of(a), sketch_of(b)), back = similarity(sketch_of(b), sketch_of(a));
  RC_ASSERT(there == back);
  RC_ASSERT(there >= 0.0 && there <= 1.0);
}

TEST(TextSketchTest, WhiteSpaceDoesNotCount) {
  EXPECT_EQ(sketch_of("def f(x):\n    return x+1\n"), sketch_of("  def f ( x ) :\r\n\treturn x + 1"));
  EXPECT_NE(sketch_of("ab"), sketch_of("a b"));
}

TEST(TextSketchTest, NumbersAndOtherScriptsAreTokens) {
  EXPECT_NE(sketch_of("x = 1"), sketch_of("x = 2"));
  EXPECT_NE(sketch_of("größe = 1"), sketch_of("länge = 1"));
}

TEST(TextSketchTest, EstimatesTheJaccardSimilarity) {
  Rng rng(7);
  for (int trial = 0; trial < 300; ++trial) {
    const Tokens a = random_tokens(rng, 20 + rng.below(400));
    const Tokens b = edited(a, rng.below(static_cast<std::uint32_t>(a.size())), rng);
    const double exact = exact_similarity(a, b);
    const double error = std::sqrt(exact * (1.0 - exact) / 128.0) + 1e-3;
    EXPECT_NEAR(similarity(sketch_of(joined(a)), sketch_of(joined(b))), exact, 5.0 * error) << trial;
  }
}

TEST(NoveltyFilterTest, TheSameTextIsAlwaysTooNearToTheLastOne) {
  for (const double threshold : {0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0}) {
    NoveltyFilter filter(threshold);
    Rng rng(1);
    for (int i = 0; i < 3000; ++i) {
      const TextSketch sketch = sketch_of(joined(random_tokens(rng, 60)));
      filter.add(sketch);
      ASSERT_EQ(filter.find_near(sketch), 1.0) << threshold << ", program " << i;
    }
  }
}

TEST(NoveltyFilterTest, NothingBelowTheThresholdIsRefused) {
  Rng rng(2);
  NoveltyFilter filter(0.9);
  std::vector<TextSketch> all;
  const Tokens start = random_tokens(rng, 120);
  for (int i = 0; i < 2000; ++i) {
    const TextSketch sketch = sketch_of(joined(edited(start, rng.below(40), rng)));
    double nearest = 0.0;
    for (const TextSketch& other : all) nearest = std::max(nearest, similarity(sketch, other));
    const std::optional<double> found = filter.find_near(sketch);
    if (found) {
      EXPECT_GE(*found, 0.9);
      EXPECT_LE(*found, nearest) << "it names a program that is there";
    }
    filter.add(sketch);
    all.push_back(sketch);
  }
}

TEST(NoveltyFilterTest, NearTextsAreFoundAmongManyOlderAndNewerOnes) {
  Rng rng(3);
  NoveltyFilter filter(0.9);
  std::vector<Tokens> early;
  for (int i = 0; i < 20000; ++i) {
    const Tokens tokens = random_tokens(rng, 200);
    if (i < 500) early.push_back(tokens);
    filter.add(sketch_of(joined(tokens)));
  }
  int found = 0;
  for (const Tokens& tokens : early) {
    found += filter.find_near(sketch_of(joined(edited(tokens, 1, rng)))).has_value();  // similarity 0.97
  }
  EXPECT_GE(found, 475) << "of 500";
}

TEST(NoveltyFilterTest, StrangersPass) {
  Rng rng(4);
  NoveltyFilter filter(0.8);
  for (int i = 0; i < 5000; ++i) {
    const TextSketch sketch = sketch_of(joined(random_tokens(rng, 100)));
    ASSERT_FALSE(filter.find_near(sketch)) << i;
    filter.add(sketch);
  }
}

}  // namespace
}  // namespace samara
