// Small models and folders for tests.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "samara/base/file.h"
#include "samara/lm/model.h"

namespace samara::lm {

/// A folder that goes away with the object.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "samara-lm-XXXXXX").string();
    SAMARA_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view bytes) const {
    SAMARA_CHECK(write_file(path_ / name, bytes).ok());
  }
  std::string read(const std::string& name) const { return read_file(path_ / name).value(); }

 private:
  std::filesystem::path path_;
};

inline ModelConfig small_config(Architecture architecture = Architecture::kLlama) {
  ModelConfig config;
  config.architecture = architecture;
  config.vocab_size = 264;
  config.hidden_size = 8;
  config.intermediate_size = 12;
  config.layers = 2;
  config.heads = 2;
  config.kv_heads = 1;
  config.head_dim = 4;
  config.max_positions = 64;
  config.tie_embeddings = architecture == Architecture::kLlama;
  config.qkv_bias = architecture == Architecture::kQwen2;
  config.eos_token = 1;
  config.pad_token = 0;
  return config;
}

inline Tokenizer small_tokenizer() {
  return Tokenizer::make("_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+", {{"a", "b"}, {"ab", "c"}, {" ", " "}},
                         {"<|pad|>", "<|end|>"})
      .value();
}

inline Model small_model(std::uint64_t seed = 1, Architecture architecture = Architecture::kLlama) {
  const ModelConfig config = small_config(architecture);
  return {config, random_weights(config, seed), small_tokenizer()};
}

}  // namespace samara::lm
