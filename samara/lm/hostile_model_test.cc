// Ten thousand damaged models, of five kinds: each is refused with an error or is a whole model, and none
// makes the readers take memory out of proportion to the files. This file counts what the test program
// allocates.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <nlohmann/json.hpp>

#include "samara/lm/safetensors.h"
#include "samara/lm/test_model.h"

namespace {

std::atomic<std::size_t> live_bytes{0};
std::atomic<std::size_t> peak_bytes{0};

void count(void* memory) {
  const std::size_t now = live_bytes += ::malloc_usable_size(memory);
  std::size_t peak = peak_bytes;
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now)) {
  }
}

}  // namespace

// Not inlined: GCC 12 would take free() for the wrong way to give back what the standard library's new gave.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  count(memory);
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  live_bytes -= ::malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace samara::lm {
namespace {

using nlohmann::json;

constexpr std::uint32_t kDamagedModels = 2000;  // of each kind

/// Names and bytes of a model's folder.
using Files = std::map<std::string, std::string>;

/// Bits, bytes and stretches, without regard to what they mean.
void damage_bytes(std::string& bytes, Rng& rng) {
  const auto position = [&] { return rng.below(static_cast<std::uint32_t>(bytes.size()) + 1); };
  for (std::uint32_t n = 1 + rng.below(3); n > 0; --n) {
    const std::size_t at = position();
    const std::size_t length = 1 + rng.below(40);
    switch (rng.below(6)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.below(8)));
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        bytes.insert(at, std::string(length, static_cast<char>(rng.below(256))));
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(position(), bytes.substr(at, length));
        break;
      default:
        if (at + 8 <= bytes.size()) {  // a number of eight bytes, such as the length of a header
          const std::uint64_t number = rng.next_u64() >> rng.below(64);
          std::memcpy(bytes.data() + (rng.chance(0.5) ? 0 : at), &number, 8);
        }
    }
  }
}

json strange_value(Rng& rng) {
  static const std::vector<json> kValues = {nullptr,
                                            true,
                                            0,
                                            1,
                                            -1,
                                            7,
                                            255,
                                            4294967295U,
                                            4294967296ULL,
                                            18446744073709551615ULL,
                                            1e308,
                                            0.5,
                                            "",
                                            "x",
                                            "(a+)+$",
                                            "F16",
                                            "\xc4\xa0",
                                            std::string(300, 'y'),
                                            json::array(),
                                            json::object(),
                                            {1, 2, 3},
                                            {0, 18446744073709551615ULL},
                                            {{"type", "BPE"}}};
  return kValues[rng.below(static_cast<std::uint32_t>(kValues.size()))];
}

/// Some value inside; a value with many members is left early more often than not.
json* random_node(json& root, Rng& rng) {
  json* node = &root;
  while (node->is_structured() && !node->empty() && rng.chance(0.85)) {
    auto it = node->begin();
    std::advance(it, rng.below(static_cast<std::uint32_t>(node->size())));
    node = &*it;
  }
  return node;
}

void damage_json(json& root, Rng& rng) {
  for (std::uint32_t n = 1 + rng.below(2); n > 0; --n) {
    json& node = *random_node(root, rng);
    if (node.is_structured() && !node.empty() && rng.chance(0.4)) {
      auto it = node.begin();
      std::advance(it, rng.below(static_cast<std::uint32_t>(node.size())));
      node.erase(it);
    } else if (node.is_array() && rng.chance(0.5)) {
      node.push_back(node.empty() ? strange_value(rng) : node[0]);
    } else if (node.is_object() && rng.chance(0.5)) {
      node[rng.chance(0.5) ? "x" : "model.norm.weight"] = node.empty() ? strange_value(rng) : *node.begin();
    } else if (node.is_number_integer() && rng.chance(0.7)) {
      node = node.get<std::int64_t>() + static_cast<std::int64_t>(rng.below(17)) - 8;
    } else {
      node = strange_value(rng);
    }
  }
}

void damage_json_text(std::string& text, Rng& rng) {
  json root = json::parse(text);
  damage_json(root, rng);
  text = root.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The header's JSON, with or without its length, or the values.
void damage_weights(std::string& bytes, Rng& rng) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  if (rng.chance(0.2)) {
    static const float kValues[] = {NAN, INFINITY, -INFINITY, 1e38F, 0.0F};
    const std::size_t count = (bytes.size() - 8 - length) / 4;
    std::memcpy(bytes.data() + 8 + length + 4 * rng.below(static_cast<std::uint32_t>(count)),
                &kValues[rng.below(5)], 4);
    return;
  }
  std::string header = bytes.substr(8, length);
  damage_json_text(header, rng);
  if (rng.chance(0.9)) length = header.size();
  bytes.replace(8, bytes.size() - 8, header + bytes.substr(8 + (bytes.size() - 8 > length ? length : 0)));
  std::memcpy(bytes.data(), &length, 8);
}

/// Config, tokenizer or one of the others.
void damage(Files& files, Rng& rng) {
  const bool meaning = rng.chance(0.6);
  const std::uint32_t which = rng.below(3);
  auto file = files.find(which == 0 ? "config.json" : "tokenizer.json");
  if (which == 2) {
    do {
      file = std::next(files.begin(), rng.below(static_cast<std::uint32_t>(files.size())));
    } while (file->first == "config.json" || file->first == "tokenizer.json");
  }
  if (!meaning) {
    damage_bytes(file->second, rng);
  } else if (file->first.ends_with(".json")) {
    damage_json_text(file->second, rng);
  } else {
    damage_weights(file->second, rng);
  }
}

void expect_whole(const Model& model) {
  const auto shapes = tensor_shapes(model.config);
  ASSERT_EQ(model.tensors.size(), shapes.size());
  for (const auto& [name, shape] : shapes) {
    const Tensor& tensor = model.tensors.at(name);
    ASSERT_EQ(tensor.shape, shape);
    std::uint64_t size = 1;
    for (const std::uint64_t dimension : shape) size *= dimension;
    ASSERT_EQ(tensor.values.size(), size);
    for (const float value : tensor.values) ASSERT_TRUE(std::isfinite(value));
  }
  ASSERT_LE(model.tokenizer.size(), model.config.vocab_size);
  const std::string text = "abc  <|end|> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \xff\xc3\xa4 12";
  ASSERT_EQ(model.tokenizer.decode(model.tokenizer.encode(text)), text);
  ASSERT_TRUE(Tokenizer::from_json(model.tokenizer.to_json()).ok());
  ASSERT_FALSE(model_digest(model).empty());
}

/// Without waiting for the disk, as write_file() would and as some file systems do when a file is
/// overwritten.
void write_changed(const TestFolder& folder, const Files& files, Files& on_disk) {
  for (const auto& [name, bytes] : files) {
    if (const auto there = on_disk.find(name); there != on_disk.end() && there->second == bytes) continue;
    std::filesystem::remove(folder.path() / name);
    std::FILE* file = std::fopen((folder.path() / name).c_str(), "wb");
    SAMARA_CHECK(file != nullptr);
    SAMARA_CHECK(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
    std::fclose(file);
    on_disk[name] = bytes;
  }
}

/// A model to damage, and how its folder holds it.
struct Base {
  const char* name;
  Architecture architecture;
  bool tied;
  DataType type;
  bool sharded;              ///< in two files with an index, and with advice for sampling
  std::uint32_t first_seed;  ///< of its damages
};
void PrintTo(const Base& base, std::ostream* out) {
  *out << base.name;
}

Files files_of(const Base& base) {
  Model model = small_model(1, base.architecture);
  model.config.tie_embeddings = base.tied;
  model.tensors = random_weights(model.config, 1);
  Files files = {{"config.json", write_config(model.config)}, {"tokenizer.json", model.tokenizer.to_json()}};
  if (!base.sharded) {
    files["model.safetensors"] = write_safetensors(model.tensors, base.type);
    return files;
  }
  const std::string shards[] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
  Tensors tensors[2];
  json index = {{"metadata", {{"total_size", 1234}}}};
  for (const auto& [name, tensor] : model.tensors) {
    const int shard = tensors[0].size() < model.tensors.size() / 2 ? 0 : 1;
    tensors[shard][name] = tensor;
    index["weight_map"][name] = shards[shard];
  }
  for (int i = 0; i < 2; ++i) files[shards[i]] = write_safetensors(tensors[i], base.type);
  files["model.safetensors.index.json"] = index.dump();
  files["generation_config.json"] = R"({"eos_token_id": 1, "temperature": 0.7, "top_p": 0.95})";
  return files;
}

class HostileModelTest : public testing::TestWithParam<Base> {};

TEST_P(HostileModelTest, DamagedModelsAreRefusedOrWhole) {
  const TestFolder folder;
  const Files valid = files_of(GetParam());
  Files on_disk;
  write_changed(folder, valid, on_disk);
  const auto undamaged = load_model(folder.path());
  ASSERT_TRUE(undamaged.ok()) << undamaged.error().message;
  std::uint32_t loaded = 0;
  for (std::uint32_t i = 0; i < kDamagedModels; ++i) {
    const std::uint32_t seed = GetParam().first_seed + i;
    Rng rng(seed);
    Files files = valid;
    damage(files, rng);
    write_changed(folder, files, on_disk);
    const std::size_t before = live_bytes;
    peak_bytes = before;
    const auto result = load_model(folder.path());
    std::size_t size = 0;
    for (const auto& [name, bytes] : files) size += bytes.size();
    ASSERT_LT(peak_bytes - before, 50 * size + (std::size_t{1} << 20)) << "seed " << seed;
    if (result.ok()) {
      ++loaded;
      expect_whole(*result);
    } else {
      ASSERT_FALSE(result.error().message.empty());
      ASSERT_LT(result.error().message.size(), 1000U);
    }
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(loaded, kDamagedModels / 100);  // the damage is of every kind
  EXPECT_LT(loaded, kDamagedModels * 6 / 10);
}

INSTANTIATE_TEST_SUITE_P(
    Bases, HostileModelTest,
    testing::Values(Base{"Qwen2F32", Architecture::kQwen2, false, DataType::kF32, false, 0},
                    Base{"LlamaTiedBF16", Architecture::kLlama, true, DataType::kBF16, false, 2000},
                    Base{"LlamaUntiedF16", Architecture::kLlama, false, DataType::kF16, false, 4000},
                    Base{"LlamaTiedShardedF32", Architecture::kLlama, true, DataType::kF32, true, 6000},
                    Base{"Qwen2ShardedBF16", Architecture::kQwen2, false, DataType::kBF16, true, 8000}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HostileFilesTest, SmallFilesThatPromiseMuchCostLittle) {
  const std::vector<std::string> weights = {
      std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8) + "{}",
      std::string("\x00\xe1\xf5\x05\x00\x00\x00\x00", 8) + std::string(1000, '['),
      std::string("\x50\x00\x00\x00\x00\x00\x00\x00", 8) +
          R"({"t":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}        )",
      std::string("\x50\x00\x00\x00\x00\x00\x00\x00", 8) +
          R"({"t":{"dtype":"F16","shape":[99999999],"data_offsets":[0,199999998]}}           )",
  };
  for (const std::string& bytes : weights) {
    const std::size_t before = peak_bytes = live_bytes.load();
    EXPECT_FALSE(read_safetensors(bytes).ok());
    EXPECT_LT(peak_bytes - before, 100'000U);
  }
  json config = json::parse(write_config(small_config()));
  config["num_hidden_layers"] = 1024;
  config["hidden_size"] = config["intermediate_size"] = 2;
  json tokenizer = json::parse(small_tokenizer().to_json());
  tokenizer["model"]["vocab"]["zzz"] = 16'000'000;
  const std::size_t before = peak_bytes = live_bytes.load();
  EXPECT_FALSE(Tokenizer::from_json(tokenizer.dump()).ok());
  EXPECT_TRUE(read_config(config.dump()).ok());
  EXPECT_LT(peak_bytes - before, 1'000'000U);
}

}  // namespace
}  // namespace samara::lm
