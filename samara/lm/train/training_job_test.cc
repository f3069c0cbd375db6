#include "samara/lm/train/training_job.h"

#include <gtest/gtest.h>

#include "samara/lm/test_model.h"

namespace samara::lm {
namespace {

TrainingJob small_job(std::optional<Precision> precision) {
  ExampleSet examples(small_config().vocab_size);
  SAMARA_CHECK(examples.add(Tokens{1, 2, 3}, 1).ok());
  TrainingJob job{small_model(), examples, examples, {}};
  job.options.precision = precision;
  return job;
}

constexpr Precision kBoth[] = {Precision::kBF16, Precision::kFP32};

Precision other_than(Precision precision) {
  return precision == Precision::kBF16 ? Precision::kFP32 : Precision::kBF16;
}

/// On any machine one of the two precisions is not the default.
TEST(TrainingJobTest, ATrainingUnderWayKeepsThePrecisionThatItWasStartedWith) {
  for (const Precision precision : kBoth) {
    const TestFolder folder;
    ASSERT_TRUE(write_training_job(folder.path(), small_job(precision)).ok());
    const Status resumed = write_training_job(folder.path(), small_job({}));
    ASSERT_TRUE(resumed.ok()) << resumed.error().message;
    EXPECT_EQ(read_training_job(folder.path())->options.precision, precision);
    EXPECT_TRUE(write_training_job(folder.path(), small_job(precision)).ok());
  }
}

TEST(TrainingJobTest, AnotherPrecisionThatIsNamedIsAnotherTraining) {
  for (const Precision precision : kBoth) {
    const TestFolder folder;
    ASSERT_TRUE(write_training_job(folder.path(), small_job(precision)).ok());
    const Status refused = write_training_job(folder.path(), small_job(other_than(precision)));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(read_training_job(folder.path())->options.precision, precision);
  }
}

TEST(TrainingJobTest, ANewTrainingStartsWithTheDefaultPrecision) {
  const TestFolder folder;
  ASSERT_TRUE(write_training_job(folder.path(), small_job({})).ok());
  EXPECT_EQ(read_training_job(folder.path())->options.precision, default_precision("cpu"));
}

TEST(TrainingJobTest, OptionsThatNameNoPrecisionAreReadAsTheyWere) {
  EXPECT_FALSE(read_training_options(write_training_options({}))->precision.has_value());
  TrainingOptions options;
  options.precision = Precision::kFP32;
  EXPECT_EQ(read_training_options(write_training_options(options))->precision, Precision::kFP32);
  EXPECT_FALSE(read_training_options(R"({"precision": "fp16"})").ok());
  EXPECT_FALSE(read_training_options(R"({"decay": null})").ok());
}

}  // namespace
}  // namespace samara::lm
