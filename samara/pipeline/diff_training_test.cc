#include "samara/pipeline/diff_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "samara/base/file.h"
#include "samara/lm/diff_specials.h"

namespace samara {
namespace {

diff::DiffCodec make_codec() {
  Result<lm::Tokenizer> tokenizer =
      lm::Tokenizer::make("_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+", {}, lm::diff_specials());
  SAMARA_CHECK(tokenizer.ok());
  Result<diff::DiffCodec> codec = diff::DiffCodec::make(std::move(tokenizer).value());
  SAMARA_CHECK(codec.ok());
  return std::move(codec).value();
}

Commit commit_of(int program, int change) {
  return {fmt::format("x = {}\ny = 1", program), "Change y",
          fmt::format("x = {}\ny = {}", program, 2 + change), 1.0F};
}

TEST(ExampleBuilderTest, WhatIsHeldBackSharesNoProgramWithTraining) {
  const diff::DiffCodec codec = make_codec();
  ExampleOptions options;
  options.validation_share = 0.2;
  ExampleBuilder builder(codec, options);
  for (int program = 0; program < 200; ++program) {
    for (int change = 0; change < 3; ++change) ASSERT_TRUE(builder.add(commit_of(program, change)).ok());
  }
  const DiffExamples examples = builder.take();
  EXPECT_EQ(examples.training.size() + examples.validation.size(), 600U);
  EXPECT_EQ(examples.validation.size() % 3, 0U) << "all commits of a program stand on one side";
  EXPECT_GT(examples.validation.size(), 60U);
  EXPECT_LT(examples.validation.size(), 180U);
}

TEST(ExampleBuilderTest, WhatChangesNothingOrDoesNotFitIsLeftOut) {
  const diff::DiffCodec codec = make_codec();
  ExampleOptions options;
  options.max_tokens = 60;
  options.validation_share = 0.0;
  ExampleBuilder builder(codec, options);
  ASSERT_TRUE(builder.add({"x = 1", "Nothing", "x = 1", 1.0F}).ok());
  ASSERT_TRUE(builder.add({"x = 1", "Much", "x = " + std::string(100, '1'), 1.0F}).ok());
  ASSERT_TRUE(builder.add(commit_of(1, 1)).ok());
  const DiffExamples examples = builder.take();
  EXPECT_EQ(examples.left_out, 2U);
  EXPECT_EQ(examples.training.size(), 1U);
}

TEST(ExampleBuilderTest, TheSameCommitsGiveTheSameExamples) {
  const diff::DiffCodec codec = make_codec();
  std::vector<std::string> digests;
  for (int repetition = 0; repetition < 2; ++repetition) {
    ExampleBuilder builder(codec, {});
    for (int program = 0; program < 50; ++program) ASSERT_TRUE(builder.add(commit_of(program, 1)).ok());
    digests.push_back(builder.take().training.digest());
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(ReadCommitsTest, NamesTheLineThatIsNoCommit) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("samara-commits-{}.jsonl", ::getpid());
  const auto read = [&](const std::string& text) -> Status {
    SAMARA_CHECK(write_file(file, text).ok());
    return read_commits(file, [](const Commit&) { return Status(); });
  };
  const std::string good = R"({"before": "a", "message": "b", "after": "c", "kind": "d"})";
  EXPECT_TRUE(read(good + "\n\n" + good + "\n").ok());
  for (const char* bad : {"{", "[]", "1", R"({"before": "a", "message": "b"})",
                          R"({"before": "a", "message": 1, "after": "c"})"}) {
    const Status status = read(good + "\n" + bad + "\n");
    ASSERT_FALSE(status.ok()) << bad;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(status.error().message, testing::HasSubstr(".jsonl:2:"));
  }
  std::filesystem::remove(file);
  EXPECT_EQ(read_commits(file, [](const Commit&) { return Status(); }).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace samara
