// Fuzzes the small files of a model's folder that have no reader of their own: whatever is in
// generation_config.json and model.safetensors.index.json, the folder is a whole model or an error. An input
// is the one file and, behind a zero byte, the other; without a zero byte the index is as it should be.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "samara/base/check.h"
#include "samara/lm/safetensors.h"
#include "samara/lm/test_model.h"

namespace {

using namespace samara::lm;

/// The folder of a small model in two shards, which are a.safetensors and b.safetensors.
class Folder {
 public:
  Folder() {
    const Model model = small_model();
    Tensors shards[2];
    index_ = R"({"weight_map":{)";
    for (const auto& [name, tensor] : model.tensors) {
      const bool second = name.starts_with("model.layers.1.");
      shards[second].emplace(name, tensor);
      index_ += '"' + name + (second ? R"(":"b.safetensors",)" : R"(":"a.safetensors",)");
    }
    index_.back() = '}';
    index_ += '}';
    folder_.write("config.json", write_config(model.config));
    folder_.write("tokenizer.json", model.tokenizer.to_json());
    folder_.write("a.safetensors", write_safetensors(shards[0], DataType::kBF16));
    folder_.write("b.safetensors", write_safetensors(shards[1], DataType::kBF16));
    SAMARA_CHECK(load("{}", index_).ok());
  }

  samara::Result<Model> load(std::string_view generation_config, std::string_view index) const {
    write("generation_config.json", generation_config);
    write("model.safetensors.index.json", index);
    return load_model(folder_.path());
  }
  const std::string& index() const { return index_; }

 private:
  /// Without waiting for the disk.
  void write(const char* name, std::string_view bytes) const {
    std::filesystem::remove(folder_.path() / name);
    std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
  }

  TestFolder folder_;
  std::string index_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  const auto model =
      folder.load(input.substr(0, zero),
                  zero == std::string_view::npos ? std::string_view(folder.index()) : input.substr(zero + 1));
  if (!model.ok()) {
    SAMARA_CHECK(!model.error().message.empty());
    return 0;
  }
  SAMARA_CHECK(model->tensors.size() == tensor_shapes(model->config).size());
  const auto within = [](std::optional<double> value, double most) {
    return !value || (*value >= 0.0 && *value <= most);
  };
  SAMARA_CHECK(within(model->sampling.temperature, 100.0) && within(model->sampling.top_p, 1.0));
  return 0;
}
