#include "samara/lm/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samara/lm/test_model.h"

namespace samara::lm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A config of the usual kind, changed.
Result<ModelConfig> read_with(const json& changes) {
  json file = json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": 64,
    "intermediate_size": 128, "max_position_embeddings": 512, "num_attention_heads": 4, "num_hidden_layers": 3,
    "num_key_value_heads": 2, "vocab_size": 1000})");
  file.merge_patch(changes);  // null removes a key
  return read_config(file.dump());
}

TEST(ModelConfigTest, WrittenAndReadIsTheSame) {
  for (const Architecture architecture : {Architecture::kLlama, Architecture::kQwen2}) {
    ModelConfig config = small_config(architecture);
    EXPECT_EQ(read_config(write_config(config)).value(), config);
    config.tie_embeddings = !config.tie_embeddings;
    config.rope_theta = 1e6;
    config.rms_norm_eps = 1e-5;
    config.bos_token = 5;
    config.eos_token = config.pad_token = std::nullopt;
    config.head_dim = 6;
    EXPECT_EQ(read_config(write_config(config)).value(), config);
  }
}

TEST(ModelConfigTest, WhatAConfigLeavesOutIsWhatHuggingFaceAssumes) {
  const ModelConfig config = read_with({{"num_key_value_heads", nullptr}}).value();
  EXPECT_EQ(config.kv_heads, 4U);
  EXPECT_EQ(config.head_dim, 16U);
  EXPECT_EQ(config.rope_theta, 10000.0);
  EXPECT_EQ(config.rms_norm_eps, 1e-6);
  EXPECT_FALSE(config.tie_embeddings);
  EXPECT_FALSE(config.qkv_bias);
  EXPECT_EQ(config.bos_token, 1U);
  EXPECT_EQ(config.eos_token, 2U);
  EXPECT_EQ(config.pad_token, std::nullopt);
}

TEST(ModelConfigTest, Qwen2AlwaysHasBiases) {
  const ModelConfig config =
      read_with({{"architectures", {"Qwen2ForCausalLM"}}, {"model_type", "qwen2"}}).value();
  EXPECT_EQ(config.architecture, Architecture::kQwen2);
  EXPECT_TRUE(config.qkv_bias);
  EXPECT_EQ(config.bos_token, std::nullopt);
}

TEST(ModelConfigTest, OfSeveralEndTokensTheFirstIsTaken) {
  EXPECT_EQ(read_with({{"eos_token_id", {7, 8}}}).value().eos_token, 7U);
  EXPECT_EQ(read_with({{"pad_token_id", -1}}).value().pad_token, std::nullopt);
}

TEST(ModelConfigTest, TheRopeParametersOfTransformers5AreRead) {
  const json rope = {{"rope_type", "default"}, {"rope_theta", 500000.0}};
  EXPECT_EQ(read_with({{"rope_parameters", rope}}).value().rope_theta, 500000.0);
}

TEST(ModelConfigTest, SettingsThatChangeTheNumbersAreUnsupported) {
  for (const json& change : std::vector<json>{
           {{"architectures", {"MistralForCausalLM"}}},
           {{"hidden_act", "gelu"}},
           {{"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}}},
           {{"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}}},
           {{"rope_parameters", {{"rope_type", "yarn"}}}},
           {{"mlp_bias", true}},
           {{"use_sliding_window", true}},
           {{"layer_types", {"full_attention", "sliding_attention", "full_attention"}}},
           {{"partial_rotary_factor", 0.5}},
           {{"quantization_config", {{"bits", 4}}}},
       }) {
    const auto result = read_with(change);
    ASSERT_FALSE(result.ok()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kUnsupported) << change;
  }
}

TEST(ModelConfigTest, ImpossibleNumbersAreNamed) {
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"hidden_size", 0}}, "hidden_size"},
      {{{"hidden_size", "64"}}, "hidden_size"},
      {{{"hidden_size", -64}}, "hidden_size"},
      {{{"hidden_size", 1e30}}, "hidden_size"},
      {{{"hidden_size", nullptr}}, "hidden_size is missing"},
      {{{"vocab_size", 18446744073709551615ULL}}, "vocab_size"},
      {{{"num_hidden_layers", 4000000000U}}, "num_hidden_layers"},
      {{{"num_attention_heads", 0}}, "num_attention_heads"},
      {{{"num_key_value_heads", 3}}, "num_key_value_heads 3"},
      {{{"num_key_value_heads", 0}}, "num_key_value_heads"},
      {{{"head_dim", 15}}, "head_dim 15"},
      {{{"rope_theta", 0}}, "rope_theta"},
      {{{"rms_norm_eps", -1}}, "rms_norm_eps"},
      {{{"eos_token_id", 1000}}, "eos_token_id"},
      {{{"vocab_size", 1 << 24}, {"hidden_size", 1 << 20}}, "parameters"},
  };
  for (const auto& [change, expected] : cases) {
    const auto result = read_with(change);
    ASSERT_FALSE(result.ok()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidData) << change;
    EXPECT_THAT(result.error().message, HasSubstr(expected));
  }
}

TEST(ModelConfigTest, AContextThatWouldTakeGigabytesToPrepareIsRefused) {
  ModelConfig config = small_config();
  config.max_positions = 1U << 20;
  config.head_dim = 256;
  EXPECT_TRUE(validate(config).ok());
  config.max_positions += 1;
  const Status status = validate(config);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidData);
  EXPECT_NE(status.error().message.find("max_position_embeddings"), std::string::npos);
}

TEST(ModelConfigTest, TextThatIsNoObjectIsInvalid) {
  for (const char* text : {"", "{", "[]", "3", "{\"a\":}", "\xff"}) {
    EXPECT_EQ(read_config(text).error().code, ErrorCode::kInvalidData) << text;
  }
  EXPECT_THAT(read_config(std::string(100000, '[')).error().message, HasSubstr("nested"));
}

TEST(ModelConfigTest, ParametersAreTheElementsOfAllTensors) {
  for (const bool tied : {false, true}) {
    for (const Architecture architecture : {Architecture::kLlama, Architecture::kQwen2}) {
      ModelConfig config = small_config(architecture);
      config.tie_embeddings = tied;
      config.head_dim = 6;
      std::uint64_t total = 0;
      for (const auto& [name, shape] : tensor_shapes(config)) {
        total += shape.size() == 1 ? shape[0] : shape[0] * shape[1];
      }
      EXPECT_EQ(config.parameters(), total);
    }
  }
}

}  // namespace
}  // namespace samara::lm
