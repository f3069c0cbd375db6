// Folders that foreign_folder.py wrote load here, and what is saved here it reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "samara/base/sha256.h"
#include "samara/lm/bpe_trainer.h"
#include "samara/lm/diff_specials.h"
#include "samara/lm/test_model.h"

namespace samara::lm {
namespace {

using nlohmann::json;
using testing::ElementsAre;

/// Runs the script and returns what it printed; fails the test where the script fails.
std::string run_script(const std::string& arguments) {
  const std::string command = "/usr/bin/python3 -B '" SAMARA_LM_FOLDER "/foreign_folder.py' " + arguments;
  FILE* pipe = ::popen(command.c_str(), "r");
  SAMARA_CHECK(pipe != nullptr);
  std::string output;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return output;
}

/// The script's value().
float expected_value(const std::string& name, std::size_t i) {
  std::size_t sum = 0;
  for (const char c : name) sum += static_cast<std::uint8_t>(c);
  return static_cast<float>(static_cast<int>((sum * 31 + i * 7) % 255) - 127) / 64.0F;
}

Model made(const std::string& kind) {
  const TestFolder folder;
  run_script("make " + kind + " " + folder.path().string());
  auto model = load_model(folder.path());
  SAMARA_CHECK(model.ok());
  return std::move(*model);
}

TEST(ForeignFolderTest, TensorsOfEveryTypeAndLayoutAreRead) {
  for (const char* kind : {"llama", "sharded", "qwen2"}) {
    const Model model = made(kind);
    EXPECT_EQ(model.config.architecture == Architecture::kQwen2, std::string(kind) == "qwen2");
    EXPECT_EQ(model.config.tie_embeddings, std::string(kind) == "sharded");
    EXPECT_EQ(model.config.qkv_bias, std::string(kind) == "qwen2");
    EXPECT_EQ(model.config.head_dim, std::string(kind) == "llama" ? 6U : 4U);
    EXPECT_EQ(model.config.rope_theta, 500000.0);
    EXPECT_EQ(model.config.eos_token, 269U);
    EXPECT_EQ(model.config.bos_token, std::nullopt);
    for (const auto& [name, tensor] : model.tensors) {
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        ASSERT_EQ(tensor.values[i], expected_value(name, i)) << kind << " " << name << " " << i;
      }
    }
  }
}

/// The pieces that tokens stand for.
std::vector<std::string> texts_of(const Tokenizer& tokenizer, const Tokens& tokens) {
  std::vector<std::string> texts;
  for (const TokenId token : tokens) texts.emplace_back(tokenizer.bytes(token));
  return texts;
}

TEST(ForeignFolderTest, TokenizersOfEachStyleCutTheirWay) {
  const auto tokens = [](const Tokenizer& tokenizer, std::string_view text) {
    return texts_of(tokenizer, tokenizer.encode(text));
  };
  const Tokenizer gpt2 = made("llama").tokenizer;
  const Tokenizer llama3 = made("sharded").tokenizer;
  const Tokenizer qwen2 = made("qwen2").tokenizer;
  for (const Tokenizer& tokenizer : {gpt2, llama3, qwen2}) {
    EXPECT_THAT(tokens(tokenizer, "hello world"), ElementsAre("hello", " world"));
    EXPECT_THAT(tokens(tokenizer, "he   w"), ElementsAre("he", "  ", " w"));  // the last blank joins the word
  }
  EXPECT_THAT(tokens(gpt2, "123123"), ElementsAre("123", "123"));
  EXPECT_THAT(tokens(gpt2, "1212"), ElementsAre("12", "12"));
  EXPECT_THAT(tokens(llama3, "3123"), ElementsAre("3", "12", "3"));  // cut behind three digits
  EXPECT_THAT(tokens(qwen2, "123"), ElementsAre("1", "2", "3"));
}

TEST(ForeignFolderTest, AddedTokensAreFoundInPlainTextAndSpecialOnesAreNot) {
  for (const char* kind : {"llama", "qwen2"}) {
    const Tokenizer tokenizer = made(kind).tokenizer;
    const TokenId end = tokenizer.special("<|end|>").value();
    EXPECT_EQ(end, 269U);
    EXPECT_EQ(tokenizer.special("<tool>"), std::nullopt);
    EXPECT_THAT(texts_of(tokenizer, tokenizer.encode("he<tool>")), ElementsAre("he", "<tool>"));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode("he<tool>ll")), "he<tool>ll");
    EXPECT_EQ(tokenizer.encode("<|end|>").size(), 7U);
    EXPECT_THAT(tokenizer.encode_with_specials("<|end|>"), ElementsAre(end));
  }
}

TEST(ForeignFolderTest, ForeignTokenizersSurviveBeingWritten) {
  for (const char* kind : {"llama", "sharded", "qwen2"}) {
    const Tokenizer tokenizer = made(kind).tokenizer;
    const Tokenizer again = Tokenizer::from_json(tokenizer.to_json()).value();
    EXPECT_EQ(again.to_json(), tokenizer.to_json());
    for (const char* text :
         {"hello world's 12123  end\n\n x", "<tool><|end|>", "\xe4\xb8\xad\xe6\x96\x87 \xff he"}) {
      EXPECT_EQ(again.encode(text), tokenizer.encode(text));
      EXPECT_EQ(again.encode_with_specials(text), tokenizer.encode_with_specials(text));
    }
  }
}

std::string float_digest(const std::vector<float>& values) {
  const auto digest = sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  return to_hex(digest.data(), digest.size());
}

TEST(ForeignFolderTest, WhatIsSavedHereIsReadThere) {
  for (const DataType type : {DataType::kF32, DataType::kF16, DataType::kBF16}) {
    for (const bool biases : {false, true}) {
      Model model = small_model(1, biases ? Architecture::kQwen2 : Architecture::kLlama);
      for (auto& [name, tensor] : model.tensors) {
        for (std::size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] = expected_value(name, i);
      }
      const TestFolder folder;
      ASSERT_TRUE(save_model(model, folder.path(), type).ok());
      const json read = json::parse(run_script("read " + folder.path().string()));
      EXPECT_EQ(read["eos"], "<|end|>");
      EXPECT_EQ(read["config"]["num_key_value_heads"], 1);
      EXPECT_EQ(read["tensors"].size(), model.tensors.size());
      for (const auto& [name, tensor] : model.tensors) {
        EXPECT_EQ(read["tensors"][name], float_digest(tensor.values)) << name;
      }
    }
  }
}

TEST(ForeignFolderTest, ATrainedTokenizerEncodesThereAsHere) {
  const std::string source = read_file(SAMARA_LM_FOLDER "/foreign_folder.py").value();
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < source.size();) {
    const std::size_t end = std::min(source.find('\n', begin), source.size());
    lines.push_back(source.substr(begin, end - begin));
    begin = end + 1;
  }
  const BpeOptions options{
      .vocab_size = 800, .pattern = "_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+", .specials = diff_specials()};
  const Tokenizer tokenizer = train_bpe(lines, options).value();
  const TestFolder folder;
  folder.write("tokenizer.json", tokenizer.to_json());
  folder.write("texts.json", json(lines).dump());
  const json there = json::parse(
      run_script("encode " + folder.path().string() + " < " + (folder.path() / "texts.json").string()));
  ASSERT_EQ(there.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_EQ(there[i].get<Tokens>(), tokenizer.encode(lines[i])) << lines[i];
  }
}

}  // namespace
}  // namespace samara::lm
