#include "samara/lm/torch/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "samara/base/rng.h"

namespace samara::lm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kVocabulary = 260;  // the tokenizer has 256

Model tiny_model() {
  ModelConfig config;
  config.vocab_size = kVocabulary;
  config.hidden_size = 32;
  config.intermediate_size = 64;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 1;
  config.head_dim = 8;
  config.max_positions = 64;
  return {config, random_weights(config, 5), *Tokenizer::make("", {}, {})};
}

/// Some tokens, a separator, the same tokens again: what counts is the repetition.
ExampleSet copies(std::uint64_t seed, int count, std::uint32_t longest = 6) {
  ExampleSet examples(kVocabulary);
  Rng rng(seed);
  for (int i = 0; i < count; ++i) {
    Tokens tokens(2 + rng.below(longest - 1));
    for (TokenId& token : tokens) token = 1 + rng.below(7);
    const std::size_t size = tokens.size();
    tokens.push_back(0);
    for (std::size_t at = 0; at < size; ++at) tokens.push_back(tokens[at]);
    EXPECT_TRUE(examples.add(tokens, size + 1).ok());
  }
  return examples;
}

TrainingOptions quick(std::uint64_t tokens) {
  TrainingOptions options;
  options.tokens = tokens;
  options.batch_tokens = 1024;
  options.micro_batch_tokens = 256;
  options.report_every = 5;
  options.validate_every = 1000;
  return options;
}

struct Recorder : TrainingObserver {
  std::vector<TrainingProgress> seen;
  std::vector<fs::path> checkpoints;
  std::atomic<bool>* stop = nullptr;  // set once `stop_at` steps are done
  std::uint64_t stop_at = 0;

  void progress(const TrainingProgress& progress) override {
    seen.push_back(progress);
    if (stop != nullptr && progress.step >= stop_at) stop->store(true);
  }
  void checkpoint(const fs::path& folder) override { checkpoints.push_back(folder); }
};

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() {
    std::string pattern = (fs::temp_directory_path() / "samara-trainer-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~TrainerTest() override { fs::remove_all(folder); }
  fs::path folder;
};

TEST_F(TrainerTest, LearnsToCopy) {
  for (const Optimizer optimizer : {Optimizer::kAdamW, Optimizer::kMuon}) {
    for (const Precision precision : {Precision::kFP32, Precision::kBF16}) {
      TrainingOptions options = quick(80'000);
      options.optimizer = optimizer;
      options.precision = precision;
      options.learning_rate = 5e-3;
      Recorder recorder;
      const auto trained = train(tiny_model(), copies(1, 2000), copies(2, 100), options, &recorder);
      ASSERT_TRUE(trained.ok()) << trained.error().message;
      EXPECT_TRUE(trained->finished);
      ASSERT_TRUE(recorder.seen.back().validation.has_value());
      EXPECT_LT(recorder.seen.back().loss, 0.5 * recorder.seen.front().loss);
      EXPECT_GT(recorder.seen.back().validation->accuracy, 0.5)
          << static_cast<int>(optimizer) << static_cast<int>(precision);
    }
  }
}

TEST_F(TrainerTest, TheResultMeasuresAsTheLastValidationDid) {
  TrainingOptions options = quick(10'000);
  options.precision = Precision::kFP32;
  const ExampleSet validation = copies(2, 50);
  const auto trained = train(tiny_model(), copies(1, 500), validation, options);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  ASSERT_TRUE(save_model(trained->model, folder / "model", DataType::kF32).ok());
  const auto loaded = load_model(folder / "model");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto measured = evaluate(*loaded, validation);
  ASSERT_TRUE(measured.ok());
  EXPECT_EQ(measured->loss, trained->last.validation->loss);
  EXPECT_EQ(measured->accuracy, trained->last.validation->accuracy);
}

TEST_F(TrainerTest, AKilledTrainingResumedEndsWithTheSameBits) {
  for (const Optimizer optimizer : {Optimizer::kAdamW, Optimizer::kMuon}) {
    TrainingOptions options = quick(30'000);
    options.optimizer = optimizer;
    options.short_first = 0.4;
    options.short_tokens = 9;
    const Model start = tiny_model();
    const ExampleSet examples = copies(1, 300);
    const auto whole = train(start, examples, copies(2, 20), options);
    ASSERT_TRUE(whole.ok()) << whole.error().message;

    options.checkpoint = folder / std::to_string(static_cast<int>(optimizer));
    options.checkpoint_every = 7;  // does not matter
    options.report_every = 1;
    Result<TrainingResult> resumed = make_error(ErrorCode::kInternal, "not run");
    int parts = 0;
    for (; parts < 10; ++parts) {
      std::atomic<bool> stop = false;
      Recorder recorder;
      recorder.stop = &stop;
      recorder.stop_at = static_cast<std::uint64_t>(parts + 1) * 9;
      options.stop = &stop;
      options.threads = 1 + parts % 2;
      resumed = train(start, examples, copies(2, 20), options, &recorder);
      ASSERT_TRUE(resumed.ok()) << resumed.error().message;
      EXPECT_FALSE(recorder.checkpoints.empty());
      if (resumed->finished) break;
    }
    EXPECT_GE(parts, 2);
    EXPECT_TRUE(resumed->finished);
    EXPECT_EQ(resumed->last.step, whole->last.step);
    EXPECT_TRUE(resumed->model.tensors == whole->model.tensors);
  }
}

TEST_F(TrainerTest, AResumedTrainingThatDoesNothingLeavesItsOnlyCheckpointAlone) {
  TrainingOptions options = quick(3'000);
  options.checkpoint = folder / "checkpoint";
  const auto first = train(tiny_model(), copies(1, 100), copies(2, 10), options);
  ASSERT_TRUE(first.ok()) << first.error().message;
  Recorder recorder;
  const auto again = train(tiny_model(), copies(1, 100), copies(2, 10), options, &recorder);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(recorder.checkpoints.empty());
  EXPECT_EQ(again->last.step, first->last.step);
  EXPECT_TRUE(again->model.tensors == first->model.tensors);
}

TEST_F(TrainerTest, ThreadsDoNotChangeTheResult) {
  TrainingOptions options = quick(20'000);
  const auto one = train(tiny_model(), copies(1, 300), copies(2, 20), options);
  options.threads = 3;
  const auto three = train(tiny_model(), copies(1, 300), copies(2, 20), options);
  ASSERT_TRUE(one.ok() && three.ok());
  EXPECT_TRUE(one->model.tensors == three->model.tensors);
}

TEST_F(TrainerTest, ShortExamplesComeFirst) {
  // Long examples copy other tokens than short ones, so their loss tells whether they were seen.
  ExampleSet examples = copies(1, 300, 3), long_ones(kVocabulary);
  Rng rng(9);
  for (int i = 0; i < 300; ++i) {
    Tokens tokens(40, 20 + rng.below(10));
    ASSERT_TRUE(examples.add(tokens, 1).ok() && long_ones.add(tokens, 20).ok());
  }
  TrainingOptions options = quick(20'000);
  options.short_first = 1.0;
  options.short_tokens = 8;
  const auto only_short = train(tiny_model(), examples, long_ones, options);
  options.short_first = 0.5;
  const auto both = train(tiny_model(), examples, long_ones, options);
  ASSERT_TRUE(only_short.ok() && both.ok());
  EXPECT_LT(both->last.validation->loss, 0.7 * only_short->last.validation->loss);
}

TEST_F(TrainerTest, ACheckpointOfAnotherTrainingIsRefused) {
  TrainingOptions options = quick(3'000);
  options.checkpoint = folder / "checkpoint";
  ASSERT_TRUE(train(tiny_model(), copies(1, 100), copies(2, 10), options).ok());
  options.seed = 2;
  const auto other = train(tiny_model(), copies(1, 100), copies(2, 10), options);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kAlreadyExists);
  options.seed = 1;
  const auto more_data = train(tiny_model(), copies(1, 101), copies(2, 10), options);
  ASSERT_FALSE(more_data.ok());
  EXPECT_EQ(more_data.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(TrainerTest, ADamagedCheckpointIsRefused) {
  TrainingOptions options = quick(3'000);
  options.checkpoint = folder / "checkpoint";
  Recorder recorder;
  ASSERT_TRUE(train(tiny_model(), copies(1, 100), copies(2, 10), options, &recorder).ok());
  fs::resize_file(recorder.checkpoints.back() / "optimizer.safetensors", 1000);
  const auto resumed = train(tiny_model(), copies(1, 100), copies(2, 10), options);
  ASSERT_FALSE(resumed.ok());
  EXPECT_EQ(resumed.error().code, ErrorCode::kInvalidData);
}

TEST_F(TrainerTest, WhatCannotBeTrainedIsRefusedWithTheReason) {
  const ExampleSet none(kVocabulary);
  const auto code = [](const auto& result) { return result.ok() ? ErrorCode{} : result.error().code; };
  EXPECT_EQ(code(train(tiny_model(), none, none, quick(1000))), ErrorCode::kInvalidArgument);

  ExampleSet foreign(kVocabulary + 1);
  EXPECT_EQ(code(foreign.add(Tokens{1, kVocabulary + 1}, 1)), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(foreign.add(Tokens{1, kVocabulary}, 1).ok());
  EXPECT_EQ(code(train(tiny_model(), foreign, none, quick(1000))), ErrorCode::kInvalidArgument);

  ExampleSet too_long(kVocabulary);
  ASSERT_TRUE(too_long.add(Tokens(65, 1), 1).ok());
  EXPECT_EQ(code(train(tiny_model(), too_long, none, quick(1000))), ErrorCode::kInvalidArgument);

  TrainingOptions short_only = quick(1000);
  short_only.short_first = 0.5;
  short_only.short_tokens = 3;
  EXPECT_EQ(code(train(tiny_model(), copies(1, 10), none, short_only)), ErrorCode::kInvalidArgument);

  TrainingOptions bad = quick(1000);
  bad.device = "gpu";
  EXPECT_EQ(code(train(tiny_model(), copies(1, 10), none, bad)), ErrorCode::kInvalidArgument);
  bad = quick(1000);
  bad.batch_tokens = 10;
  EXPECT_EQ(code(train(tiny_model(), copies(1, 10), none, bad)), ErrorCode::kInvalidArgument);
}

TEST(ExampleSetTest, KeepsWhatItWasGiven) {
  for (const std::uint32_t vocabulary : {300U, 100'000U}) {
    ExampleSet examples(vocabulary);
    ASSERT_TRUE(examples.add(Tokens{1, 2, vocabulary - 1}, 2, 0.5F).ok());
    EXPECT_FALSE(examples.add(Tokens{1}, 1).ok());
    EXPECT_FALSE(examples.add(Tokens{1, 2}, 2).ok());
    EXPECT_FALSE(examples.add(Tokens{1, 2}, 0).ok());
    EXPECT_FALSE(examples.add(Tokens{1, 2}, 1, -1.0F).ok());
    ASSERT_TRUE(examples.add(Tokens{7, 8}, 1).ok());
    ASSERT_EQ(examples.size(), 2U);
    EXPECT_EQ(examples.tokens(0), (Tokens{1, 2, vocabulary - 1}));
    EXPECT_EQ(examples.tokens(1), (Tokens{7, 8}));
    EXPECT_EQ(examples.loss_from(0), 2U);
    EXPECT_EQ(examples.weight(0), 0.5F);
    EXPECT_EQ(examples.longest(), 3U);
    EXPECT_EQ(examples.total_tokens(), 5U);
  }
}

}  // namespace
}  // namespace samara::lm
