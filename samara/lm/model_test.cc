#include "samara/lm/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "samara/lm/internal/float_bits.h"
#include "samara/lm/safetensors.h"
#include "samara/lm/test_model.h"

namespace samara::lm {
namespace {

using testing::HasSubstr;

Model rounded(Model model) {
  for (auto& [name, tensor] : model.tensors) {
    for (float& value : tensor.values) value = internal::from_bf16(internal::to_bf16(value));
  }
  return model;
}

double root_mean_square(const Tensor& tensor) {
  double sum = 0.0;
  for (const float value : tensor.values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum / static_cast<double>(tensor.values.size()));
}

TEST(ModelTest, FreshWeightsHaveTheirScales) {
  ModelConfig config = small_config(Architecture::kQwen2);
  config.hidden_size = 64;
  config.intermediate_size = 256;
  const Tensors tensors = random_weights(config, 7);
  EXPECT_NEAR(root_mean_square(tensors.at("model.embed_tokens.weight")), 1.0, 0.02);
  EXPECT_NEAR(root_mean_square(tensors.at("lm_head.weight")), 1.0 / 8, 0.003);
  EXPECT_NEAR(root_mean_square(tensors.at("model.layers.1.mlp.up_proj.weight")), 1.0 / 8, 0.003);
  EXPECT_NEAR(root_mean_square(tensors.at("model.layers.0.mlp.down_proj.weight")), 1.0 / 16 / 2, 0.001);
  EXPECT_EQ(tensors.at("model.norm.weight").values, std::vector<float>(64, 1.0F));
  EXPECT_EQ(root_mean_square(tensors.at("model.layers.0.self_attn.q_proj.bias")), 0.0);
}

TEST(ModelTest, FreshWeightsAreAFunctionOfTheSeed) {
  EXPECT_EQ(random_weights(small_config(), 7), random_weights(small_config(), 7));
  EXPECT_NE(random_weights(small_config(), 7), random_weights(small_config(), 8));
}

TEST(ModelTest, SavedAndLoadedIsTheSameModel) {
  for (const Architecture architecture : {Architecture::kLlama, Architecture::kQwen2}) {
    const TestFolder folder;
    const Model model = small_model(3, architecture);
    ASSERT_TRUE(save_model(model, folder.path() / "deep" / "inside", DataType::kF32).ok());
    const Model loaded = load_model(folder.path() / "deep" / "inside").value();
    EXPECT_EQ(loaded.config, model.config);
    EXPECT_EQ(loaded.tensors, model.tensors);
    EXPECT_EQ(loaded.tokenizer.to_json(), model.tokenizer.to_json());
    ASSERT_TRUE(save_model(model, folder.path()).ok());
    EXPECT_EQ(load_model(folder.path()).value().tensors, rounded(model).tensors);
  }
}

TEST(ModelTest, HowItIsBestSampledIsKept) {
  const TestFolder folder;
  Model model = small_model();
  model.sampling = {1.25, 0.5};
  ASSERT_TRUE(save_model(model, folder.path()).ok());
  const SamplingAdvice loaded = load_model(folder.path()).value().sampling;
  EXPECT_EQ(loaded.temperature, 1.25);
  EXPECT_EQ(loaded.top_p, 0.5);
  ASSERT_TRUE(save_model(small_model(), folder.path()).ok());  // nothing of the model before stays
  EXPECT_FALSE(load_model(folder.path()).value().sampling.temperature);

  folder.write("generation_config.json",
               R"({"temperature": null, "top_p": 1, "top_k": 20, "eos_token_id": [1, 2]})");
  EXPECT_FALSE(load_model(folder.path()).value().sampling.temperature);
  EXPECT_EQ(load_model(folder.path()).value().sampling.top_p, 1.0);
  std::filesystem::remove(folder.path() / "generation_config.json");
  EXPECT_FALSE(load_model(folder.path()).value().sampling.top_p);
}

TEST(ModelTest, TheDigestSurvivesSavingAsBf16AndSeesEveryPart) {
  const Model model = small_model();
  const std::string digest = model_digest(model);
  const TestFolder folder;
  ASSERT_TRUE(save_model(model, folder.path()).ok());
  EXPECT_EQ(model_digest(load_model(folder.path()).value()), digest);
  Model changed = model;
  changed.config.rope_theta = 20000;
  EXPECT_NE(model_digest(changed), digest);
  changed = model;
  changed.tensors.at("model.norm.weight").values[3] = 2.0F;
  EXPECT_NE(model_digest(changed), digest);
  changed = model;
  changed.tokenizer = Tokenizer::make("x", {}, {"<|pad|>", "<|end|>"}).value();
  EXPECT_NE(model_digest(changed), digest);
}

TEST(ModelTest, FilesBesideTheModelStay) {
  const TestFolder folder;
  folder.write("README.md", "a model card");
  ASSERT_TRUE(save_model(small_model(1), folder.path()).ok());
  ASSERT_TRUE(save_model(small_model(2), folder.path()).ok());
  EXPECT_EQ(folder.read("README.md"), "a model card");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("README.md", "config.json", "generation_config.json",
                                            "model.safetensors", "tokenizer.json", "tokenizer_config.json"));
}

TEST(ModelTest, ABiasThatOnlyTransformersKnowsIsWrittenAsZeroAndReadAsNothing) {
  Model model = small_model();
  model.config.qkv_bias = true;
  model.tensors = random_weights(model.config, 1);
  const TestFolder folder;
  ASSERT_TRUE(save_model(model, folder.path(), DataType::kF32).ok());
  Tensors file = read_safetensors(folder.read("model.safetensors")).value();
  ASSERT_TRUE(file.contains("model.layers.1.self_attn.o_proj.bias"));
  EXPECT_EQ(load_model(folder.path()).value().tensors, model.tensors);
  file.at("model.layers.1.self_attn.o_proj.bias").values[0] = 1.0F;
  folder.write("model.safetensors", write_safetensors(file, DataType::kF32));
  EXPECT_THAT(load_model(folder.path()).error().message, HasSubstr("o_proj.bias"));
}

/// A saved model with one thing changed; the error of loading it.
class BrokenModelTest : public testing::Test {
 protected:
  BrokenModelTest() { SAMARA_CHECK(save_model(small_model(), folder_.path()).ok()); }

  std::string error() const {
    const auto result = load_model(folder_.path());
    return result.ok() ? "loaded" : result.error().message;
  }
  template <typename Change>
  std::string error_with_tensors(Change change) const {
    Tensors tensors = small_model().tensors;
    change(tensors);
    folder_.write("model.safetensors", write_safetensors(tensors, DataType::kF32));
    return error();
  }

  TestFolder folder_;
};

TEST_F(BrokenModelTest, MissingFilesAreNamed) {
  EXPECT_EQ(load_model(folder_.path() / "none").error().code, ErrorCode::kNotFound);
  std::filesystem::remove(folder_.path() / "model.safetensors");
  EXPECT_THAT(error(), HasSubstr("neither model.safetensors nor"));
  folder_.write("pytorch_model.bin", "");
  EXPECT_THAT(error(), HasSubstr("safe_serialization"));
  std::filesystem::remove(folder_.path() / "tokenizer.json");
  EXPECT_THAT(error(), HasSubstr("tokenizer.json"));
  std::filesystem::remove(folder_.path() / "config.json");
  EXPECT_THAT(error(), HasSubstr("config.json"));
}

TEST_F(BrokenModelTest, WrongTensorsAreNamed) {
  const std::string norm = "model.norm.weight";
  EXPECT_EQ(error_with_tensors([](Tensors&) {}), "loaded");
  EXPECT_THAT(error_with_tensors([&](Tensors& t) { t.erase(norm); }),
              HasSubstr(norm + "\" of shape (8) is missing"));
  EXPECT_THAT(error_with_tensors([&](Tensors& t) {
                t[norm].shape = {2, 4};
              }),
              HasSubstr(norm + "\" has shape (2, 4); config.json calls for (8)"));
  EXPECT_THAT(error_with_tensors([](Tensors& t) {
                t["model.extra"] = {{1}, {0}};
              }),
              HasSubstr("model.extra"));
  EXPECT_THAT(error_with_tensors([&](Tensors& t) { t[norm].values[5] = std::nanf(""); }),
              HasSubstr(norm + "\" has nan at index 5"));
  EXPECT_THAT(error_with_tensors([&](Tensors& t) { t[norm].values[5] = -INFINITY; }), HasSubstr("-inf"));
}

TEST_F(BrokenModelTest, TensorsThatSayNothingNewAreDropped) {
  EXPECT_EQ(error_with_tensors([](Tensors& t) {
              t["lm_head.weight"] = t.at("model.embed_tokens.weight");
              t["model.layers.0.self_attn.rotary_emb.inv_freq"] = {{2}, {1, 0.01F}};
            }),
            "loaded");
}

TEST_F(BrokenModelTest, ATokenizerLargerThanTheEmbeddingIsRefused) {
  std::vector<std::string> specials;
  for (int i = 0; i < 20; ++i) specials.push_back("<" + std::to_string(i) + ">");
  folder_.write("tokenizer.json", Tokenizer::make("", {}, specials).value().to_json());
  EXPECT_THAT(error(), HasSubstr("276 tokens"));
}

TEST_F(BrokenModelTest, SamplingThatCannotBeIsNamed) {
  for (const char* text : {R"({"temperature": "hot"})", R"({"temperature": -1})", R"({"temperature": 1e400})",
                           R"({"temperature": 101})"}) {
    folder_.write("generation_config.json", text);
    EXPECT_THAT(error(), HasSubstr("generation_config.json: ")) << text;
  }
  folder_.write("generation_config.json", R"({"top_p": 1.5})");
  EXPECT_THAT(error(), HasSubstr("top_p is no number from 0 to 1"));
  folder_.write("generation_config.json", "[]");
  EXPECT_THAT(error(), HasSubstr("no JSON object"));
}

TEST_F(BrokenModelTest, ErrorsInFilesNameTheFile) {
  folder_.write("tokenizer.json", "{}");
  EXPECT_THAT(error(), HasSubstr("tokenizer.json: there is no model"));
  folder_.write("config.json", "{");
  EXPECT_THAT(error(), HasSubstr("config.json: malformed JSON"));
}

TEST_F(BrokenModelTest, AnIndexThatIsWrongIsNamed) {
  const std::string bytes = folder_.read("model.safetensors");
  std::filesystem::remove(folder_.path() / "model.safetensors");
  const auto error_with = [&](const std::string& index) {
    folder_.write("model.safetensors.index.json", index);
    return error();
  };
  EXPECT_THAT(error_with("{}"), HasSubstr("weight_map"));
  EXPECT_THAT(error_with(R"({"weight_map": {"a": "../a.safetensors"}})"), HasSubstr("\"a\""));
  EXPECT_THAT(error_with(R"({"weight_map": {"a": "a.safetensors"}})"), HasSubstr("a.safetensors"));
  folder_.write("a.safetensors", bytes);
  EXPECT_THAT(error_with(R"({"weight_map": {"a": "a.safetensors"}})"), HasSubstr("is not where"));
}

TEST(SaveModelTest, WhatAFileCannotHoldIsRefused) {
  const TestFolder folder;
  Model model = small_model();
  model.tensors.at("model.norm.weight").values[0] = 1e30F;
  EXPECT_EQ(save_model(model, folder.path(), DataType::kF16).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(save_model(model, folder.path(), DataType::kBF16).ok());
  model.tensors.erase("model.norm.weight");
  EXPECT_EQ(save_model(model, folder.path()).error().code, ErrorCode::kInvalidArgument);
}

TEST(SaveModelTest, AFolderThatCannotBeMadeIsAnIoError) {
  const TestFolder folder;
  folder.write("file", "");
  EXPECT_EQ(save_model(small_model(), folder.path() / "file" / "model").error().code, ErrorCode::kIo);
}

/// Two models of different shapes and tokenizers: a mixture of their files does not load.
Model one_of_two(bool second) {
  Model model = small_model(second ? 2 : 1, second ? Architecture::kQwen2 : Architecture::kLlama);
  if (second) {
    model.config.vocab_size = 300;
    model.tensors = random_weights(model.config, 2);
    std::vector<std::string> specials;
    for (int i = 0; i < 40; ++i) specials.push_back("<" + std::to_string(i) + ">");
    model.tokenizer = Tokenizer::make("", {}, specials).value();
  }
  return rounded(std::move(model));
}

TEST(SaveModelTest, AKillLeavesTheOldModelOrTheNewOne) {
  const TestFolder folder;
  const Model models[] = {one_of_two(false), one_of_two(true)};
  ASSERT_TRUE(save_model(models[0], folder.path()).ok());
  Rng rng(1);
  for (int round = 0; round < 60; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int i = 0;; ++i) (void)save_model(models[i % 2], folder.path());
    }
    ::usleep(500 + rng.below(15000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto loaded = load_model(folder.path());
    ASSERT_TRUE(loaded.ok()) << "round " << round << ": " << loaded.error().message;
    const Model& expected = models[loaded->config.architecture == Architecture::kQwen2];
    ASSERT_EQ(loaded->config, expected.config);
    ASSERT_EQ(loaded->tensors, expected.tensors);
    ASSERT_EQ(loaded->tokenizer.to_json(), expected.tokenizer.to_json());
  }
}

TEST(SaveModelTest, EveryPointOfAKillIsSurvived) {
  const Model old_model = one_of_two(false);
  const Model new_model = one_of_two(true);
  const std::vector<std::string> names = {"config.json", "tokenizer.json", "tokenizer_config.json",
                                          "model.safetensors"};
  const TestFolder newer;
  ASSERT_TRUE(save_model(new_model, newer.path()).ok());
  for (std::size_t written = 0; written <= names.size(); ++written) {  // killed while writing
    const TestFolder folder;
    ASSERT_TRUE(save_model(old_model, folder.path()).ok());
    for (std::size_t i = 0; i < written; ++i) folder.write(names[i] + ".new", newer.read(names[i]));
    EXPECT_EQ(load_model(folder.path()).value().config, old_model.config);
  }
  for (std::size_t renamed = 0; renamed <= names.size(); ++renamed) {  // killed while renaming
    const TestFolder folder;
    ASSERT_TRUE(save_model(old_model, folder.path()).ok());
    folder.write("samara-save-complete", "");
    for (std::size_t i = 0; i < names.size(); ++i) {
      folder.write(names[i] + (i < renamed ? "" : ".new"), newer.read(names[i]));
    }
    EXPECT_EQ(load_model(folder.path()).value().tensors, new_model.tensors);
    ASSERT_TRUE(save_model(old_model, folder.path()).ok());
    EXPECT_EQ(load_model(folder.path()).value().tensors, old_model.tensors);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "config.json.new"));
  }
}

}  // namespace
}  // namespace samara::lm
