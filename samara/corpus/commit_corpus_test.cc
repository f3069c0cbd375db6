#include "samara/corpus/commit_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <regex>
#include <set>

#include "samara/corpus/corpus_harness.h"

namespace samara::corpus {
namespace {

using ::testing::HasSubstr;

std::vector<Function> some_functions() {
  std::vector<Function> functions;
  functions.push_back({.text = "def area(width, height):\n    size = width * height\n    return size",
                       .name = "area",
                       .source = "a.py",
                       .names = {"width", "height", "size"},
                       .methods = {}});
  functions.push_back(
      {.text = "def collect(items, limit):\n    found = []\n    for item in items:\n        if item > "
               "limit:\n            found.append(item)\n    return found",
       .name = "collect",
       .source = "b.py",
       .names = {"items", "limit", "found", "item"},
       .methods = {"append"}});
  return functions;
}

std::vector<Commit> make(const CommitOptions& options) {
  std::vector<Commit> commits;
  const Result<CommitCounts> counts = make_commits(
      some_functions(), options,
      [&](const Commit& commit) -> Status {
        commits.push_back(commit);
        return {};
      },
      nullptr);
  EXPECT_TRUE(counts.ok()) << counts.error().message;
  return commits;
}

TEST(CommitCorpusTest, TheSameSeedGivesTheSameCorpusOnAnyNumberOfWorkers) {
  CommitOptions options;
  options.count = 1500;
  options.short_share = 0.5;
  const std::vector<Commit> one = make(options);
  EXPECT_EQ(one.size(), options.count);
  options.workers = 3;
  EXPECT_EQ(make(options), one);
  options.seed = 2;
  EXPECT_NE(make(options), one);
}

TEST(CommitCorpusTest, AShorterCorpusIsTheBeginningOfALongerOne) {
  CommitOptions options;
  options.count = 700;
  std::vector<Commit> longer = make(options);
  options.count = 100;
  const std::vector<Commit> shorter = make(options);
  longer.resize(shorter.size());
  EXPECT_EQ(longer, shorter);
}

TEST(CommitCorpusTest, ShortExamplesAreShorter) {
  CommitOptions options;
  options.count = 300;
  options.real_share = 0.0;
  const auto mean_size = [](const std::vector<Commit>& commits) {
    std::size_t bytes = 0;
    for (const Commit& commit : commits) bytes += commit.before.size();
    return bytes / commits.size();
  };
  const std::size_t long_size = mean_size(make(options));
  options.short_share = 1.0;
  EXPECT_LT(2 * mean_size(make(options)), 3 * long_size / 2);
}

TEST(CommitCorpusTest, NothingIsRepeatedAndTextsHaveNoFinalLineBreak) {
  CommitOptions options;
  options.count = 1000;
  options.short_share = 1.0;
  std::set<std::string> lines;
  for (const Commit& commit : make(options)) {
    EXPECT_TRUE(lines.insert(to_json_line(commit)).second);
    EXPECT_FALSE(commit.before.ends_with('\n') || commit.after.ends_with('\n'));
    EXPECT_NE(commit.before, commit.after);
  }
}

TEST(CommitCorpusTest, HeldOutFunctionsAreNotInIt) {
  CommitOptions options;
  options.count = 400;
  options.real_share = 1.0;
  // The loop of the second function, which no synthesized one has: whatever the variables are called.
  const std::regex collects{R"(for \w+ in \w+:\n +if \w+ > \w+:\n +\w+\.append\(\w+\)\n +return \w+)"};
  const auto has_collect = [&](const Commit& commit) { return std::regex_search(commit.before, collects); };
  std::vector<Commit> commits = make(options);
  EXPECT_TRUE(std::any_of(commits.begin(), commits.end(), has_collect));
  options.held_out = {
      "def choose(a, b):\n    \"\"\"Doc.\"\"\"\n    c = []\n    for d in a:\n        if d > b:\n            "
      "c.append(d)\n"
      "    return c\n"};
  commits = make(options);
  EXPECT_FALSE(std::any_of(commits.begin(), commits.end(), has_collect));
}

TEST(CommitCorpusTest, OptionsThatCannotBeRightAreRefused) {
  const auto refused = [](const CommitOptions& options) {
    const Result<CommitCounts> counts = make_commits(
        {}, options, [](const Commit&) -> Status { return {}; }, nullptr);
    return !counts.ok() && counts.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({.real_share = 1.5}));
  EXPECT_TRUE(refused({.short_share = -0.1}));
  EXPECT_TRUE(refused({.max_tokens = 10}));
  EXPECT_TRUE(refused({.max_lines = 1}));
  EXPECT_TRUE(refused({.count = std::uint64_t{1} << 40}));
  EXPECT_TRUE(refused({.count = 5, .held_out = {"def ("}}));
}

TEST(CommitCorpusTest, AnErrorOfTheTakerEndsIt) {
  CommitOptions options;
  options.count = 10;
  const Result<CommitCounts> counts = make_commits(
      some_functions(), options,
      [](const Commit&) -> Status { return make_error(ErrorCode::kIo, "the disk is full"); }, nullptr);
  ASSERT_FALSE(counts.ok());
  EXPECT_THAT(counts.error().message, HasSubstr("the disk is full"));
}

TEST(VocabularyTest, NamesAreRankedByHowManyFunctionsHaveThem) {
  std::vector<Function> functions(3);
  functions[0].names = {"b", "a"};
  functions[1].names = {"c", "b"};
  functions[2].names = {"c", "b"};
  functions[2].methods = {"get"};
  const Vocabulary vocabulary = count_vocabulary(functions, 2);
  EXPECT_EQ(vocabulary.names, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(vocabulary.methods, (std::vector<std::string>{"get"}));
  EXPECT_EQ(count_vocabulary(functions).names, (std::vector<std::string>{"b", "c", "a"}));
}

}  // namespace
}  // namespace samara::corpus
