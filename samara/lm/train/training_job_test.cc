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

/// Why a job with these options is not written to the folder.
std::string refusal(const std::filesystem::path& folder, void (*change)(TrainingOptions&)) {
  TrainingJob job = small_job({});
  change(job.options);
  const Status status = write_training_job(folder, job);
  EXPECT_FALSE(status.ok());
  return status.ok() ? "" : status.error().message;
}

TEST(TrainingJobTest, AScheduleIsKeptAndAnotherOneIsAnotherTraining) {
  const TestFolder folder;
  TrainingJob job = small_job({});
  job.options.decay = Decay::kCosine;
  job.options.warmup = 0.1;
  job.options.final_share = 0.25;
  job.options.clip_norm = 0.5;
  job.options.micro_batch_tokens = 512;
  ASSERT_TRUE(write_training_job(folder.path(), job).ok());
  ASSERT_TRUE(write_training_job(folder.path(), job).ok()) << "the same command goes on";
  const Result<TrainingJob> kept = read_training_job(folder.path());
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept->options.decay, Decay::kCosine);
  EXPECT_EQ(kept->options.warmup, 0.1);
  EXPECT_EQ(kept->options.final_share, 0.25);
  EXPECT_EQ(kept->options.clip_norm, 0.5);
  EXPECT_EQ(kept->options.micro_batch_tokens, 512U);

  const std::string error = refusal(folder.path(), [](TrainingOptions& options) { options.warmup = 0.1; });
  EXPECT_NE(error.find("(other: clip_norm (0.5 there, 1.0 here), decay (\"cosine\" there, \"linear\" here), "
                       "final_share (0.25 there, 0.02 here), micro_batch_tokens (512 there, 2048 here))"),
            std::string::npos)
      << error;
  EXPECT_EQ(error.find("warmup"), std::string::npos) << error;
}

TEST(TrainingJobTest, OptionsThatCannotBeTrainedWithMakeNoFolder) {
  const TestFolder folder;
  const std::filesystem::path job = folder.path() / "job";
  const std::string error = refusal(job, [](TrainingOptions& options) { options.warmup = 2.0; });
  EXPECT_NE(error.find("warmup is 2"), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(job));
}

TEST(TrainingJobTest, ProgressIsReadAsItWasWritten) {
  TrainingProgress progress;
  progress.step = 7;
  progress.padding = 0.125;
  const Result<TrainingProgress> read = read_progress(write_progress(progress));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->step, 7U);
  EXPECT_EQ(read->padding, 0.125);
}

}  // namespace
}  // namespace samara::lm
