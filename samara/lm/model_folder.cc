// Hugging Face folders: load_model() and save_model().
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/lm/internal/float_bits.h"
#include "samara/lm/internal/json.h"
#include "samara/lm/model.h"
#include "samara/lm/safetensors.h"

namespace samara::lm {
namespace {

namespace fs = std::filesystem;

constexpr char kConfig[] = "config.json";
constexpr char kTokenizer[] = "tokenizer.json";
constexpr char kTokenizerConfig[] = "tokenizer_config.json";
constexpr char kGenerationConfig[] = "generation_config.json";
constexpr char kWeights[] = "model.safetensors";
constexpr char kIndex[] = "model.safetensors.index.json";
constexpr std::array<const char*, 5> kWritten = {kConfig, kTokenizer, kTokenizerConfig, kGenerationConfig,
                                                 kWeights};

// A save writes every file as NAME.new, then this marker, then renames, then removes the marker. Where the
// marker stands, the .new files that are still there are the model.
constexpr char kMarker[] = "samara-save-complete";

constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 28;
constexpr std::size_t kMaxWeightBytes = std::size_t{1} << 35;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path pending(const fs::path& folder, const std::string& name) {
  return folder / (name + ".new");
}

fs::path path_of(const fs::path& folder, const std::string& name) {
  const fs::path waiting = pending(folder, name);
  return is_there(folder / kMarker) && is_there(waiting) ? waiting : folder / name;
}

/// The error, with the file it is about in front.
Error in_file(const fs::path& path, const Error& error) {
  return make_error(error.code, "{}: {}", path.string(), error.message);
}

template <typename Read>
auto read_json_file(const fs::path& folder, const char* name, Read read) -> decltype(read("")) {
  const fs::path path = path_of(folder, name);
  SAMARA_TRY(const std::string text, read_file(path, kMaxJsonBytes));
  auto result = read(text);
  if (!result.ok()) return in_file(path, result.error());
  return result;
}

constexpr double kMaxTemperature = 100.0;

/// A number from 0 to `most`, or nothing where the file has none.
Result<std::optional<double>> read_number(const nlohmann::json& file, const char* key, double most) {
  const nlohmann::json* value = internal::find_member(file, key);
  if (!value) return std::optional<double>();
  if (!value->is_number() || !(value->get<double>() >= 0.0 && value->get<double>() <= most)) {
    return make_error(ErrorCode::kInvalidData, "{} is no number from 0 to {}", key, most);
  }
  return std::optional(value->get<double>());
}

Result<SamplingAdvice> read_sampling(std::string_view text) {
  SAMARA_TRY(const nlohmann::json file, internal::parse_json(text));
  if (!file.is_object()) return make_error(ErrorCode::kInvalidData, "the file is no JSON object");
  SamplingAdvice sampling;
  SAMARA_TRY(sampling.temperature, read_number(file, "temperature", kMaxTemperature));
  SAMARA_TRY(sampling.top_p, read_number(file, "top_p", 1.0));
  return sampling;
}

Result<Tensors> read_weight_file(const fs::path& path) {
  SAMARA_TRY(const std::string bytes, read_file(path, kMaxWeightBytes));
  auto tensors = read_safetensors(bytes);
  if (!tensors.ok()) return in_file(path, tensors.error());
  return tensors;
}

/// tensor -> file, from model.safetensors.index.json.
Result<std::map<std::string, std::string>> read_index(std::string_view text) {
  SAMARA_TRY(const nlohmann::json file, internal::parse_json(text));
  const nlohmann::json* weights = internal::find_member(file, "weight_map");
  if (!weights || !weights->is_object()) {
    return make_error(ErrorCode::kInvalidData, "there is no weight_map that names each tensor's file");
  }
  std::map<std::string, std::string> index;
  for (const auto& [tensor, shard] : weights->items()) {
    const std::string name = shard.is_string() ? shard.get<std::string>() : "";
    if (!name.ends_with(".safetensors") || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos) {
      return make_error(ErrorCode::kInvalidData,
                        "weight_map names no .safetensors file of the folder for \"{}\"",
                        sanitize_utf8(one_line(tensor, 120)));
    }
    index.emplace(tensor, name);
  }
  return index;
}

Result<Tensors> read_shards(const fs::path& folder) {
  SAMARA_TRY(const auto index, read_json_file(folder, kIndex, read_index));
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index) shards.insert(shard);
  Tensors all;
  for (const std::string& shard : shards) {
    SAMARA_TRY(Tensors tensors, read_weight_file(folder / shard));
    for (auto& [name, tensor] : tensors) {
      const auto it = index.find(name);
      if (it == index.end() || it->second != shard) {
        return make_error(ErrorCode::kInvalidData, "{}: tensor \"{}\" is not where {} says it is",
                          (folder / shard).string(), sanitize_utf8(one_line(name, 120)), kIndex);
      }
      all.emplace(name, std::move(tensor));
    }
  }
  return all;
}

Result<Tensors> read_weights(const fs::path& folder) {
  if (is_there(path_of(folder, kWeights))) return read_weight_file(path_of(folder, kWeights));
  if (is_there(folder / kIndex)) return read_shards(folder);
  if (is_there(folder / "pytorch_model.bin")) {
    return make_error(ErrorCode::kUnsupported,
                      "{} holds its weights as pytorch_model.bin; convert them with transformers: "
                      "model.save_pretrained(folder, safe_serialization=True)",
                      folder.string());
  }
  return make_error(ErrorCode::kNotFound, "{} has neither {} nor {}", folder.string(), kWeights, kIndex);
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

/// What files may hold beside the tensors of the model without changing what it computes.
bool harmless(const std::string& name, const Tensor& tensor, const ModelConfig& config) {
  if (name.ends_with(".rotary_emb.inv_freq")) return true;  // computed from rope_theta
  if (name == "lm_head.weight") return config.tie_embeddings;
  if (name.ends_with(".self_attn.o_proj.bias") && config.qkv_bias) {
    return std::all_of(tensor.values.begin(), tensor.values.end(), [](float value) { return value == 0; });
  }
  return false;
}

/// Leaves exactly the tensors that the config calls for.
Status check_tensors(const ModelConfig& config, Tensors& tensors) {
  const auto shapes = tensor_shapes(config);
  for (auto it = tensors.begin(); it != tensors.end();) {
    if (shapes.contains(it->first)) {
      ++it;
    } else if (harmless(it->first, it->second, config)) {
      it = tensors.erase(it);
    } else {
      return make_error(ErrorCode::kInvalidData,
                        "tensor \"{}\" has no place in the model that config.json describes",
                        sanitize_utf8(one_line(it->first, 120)));
    }
  }
  for (const auto& [name, shape] : shapes) {
    const auto it = tensors.find(name);
    if (it == tensors.end()) {
      return make_error(ErrorCode::kInvalidData, "tensor \"{}\" of shape {} is missing", name,
                        shape_text(shape));
    }
    if (it->second.shape != shape) {
      return make_error(ErrorCode::kInvalidData, "tensor \"{}\" has shape {}; config.json calls for {}", name,
                        shape_text(it->second.shape), shape_text(shape));
    }
    const std::vector<float>& values = it->second.values;
    const auto bad =
        std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad != values.end()) {
      return make_error(ErrorCode::kInvalidData,
                        "tensor \"{}\" has {} at index {}; all weights must be finite", name, *bad,
                        bad - values.begin());
    }
  }
  return {};
}

Status check_vocabulary(const ModelConfig& config, const Tokenizer& tokenizer) {
  if (tokenizer.size() <= config.vocab_size) return {};
  return make_error(ErrorCode::kInvalidData, "the tokenizer has {} tokens, the model's embedding only {}",
                    tokenizer.size(), config.vocab_size);
}

// ----- saving

/// What AutoTokenizer needs beside tokenizer.json.
std::string tokenizer_config(const Model& model) {
  nlohmann::ordered_json file;
  file["tokenizer_class"] = "PreTrainedTokenizerFast";
  file["model_max_length"] = model.config.max_positions;
  file["clean_up_tokenization_spaces"] = false;
  const auto add = [&](const char* key, std::optional<TokenId> token) {
    if (token && model.tokenizer.is_special(*token)) file[key] = model.tokenizer.bytes(*token);
  };
  add("bos_token", model.config.bos_token);
  add("eos_token", model.config.eos_token);
  add("pad_token", model.config.pad_token);
  return file.dump(2) + "\n";
}

/// transformers takes the tokens that end a text from here as well.
std::string generation_config(const Model& model) {
  nlohmann::ordered_json file;
  const auto add = [&](const char* key, const auto& value) {
    if (value) file[key] = *value;
  };
  add("bos_token_id", model.config.bos_token);
  add("eos_token_id", model.config.eos_token);
  add("pad_token_id", model.config.pad_token);
  file["do_sample"] = model.sampling.temperature != 0.0;
  add("temperature", model.sampling.temperature);
  add("top_p", model.sampling.top_p);
  return file.dump(2) + "\n";
}

/// transformers wants a bias on the output projection of a Llama with attention_bias; ours is zero.
Tensors with_output_biases(const Model& model) {
  Tensors tensors = model.tensors;
  for (std::uint32_t layer = 0; layer < model.config.layers; ++layer) {
    Tensor& bias = tensors[fmt::format("model.layers.{}.self_attn.o_proj.bias", layer)];
    bias = {{model.config.hidden_size}, std::vector<float>(model.config.hidden_size, 0.0F)};
  }
  return tensors;
}

std::string weights_of(const Model& model, DataType type) {
  const bool biases = model.config.architecture == Architecture::kLlama && model.config.qkv_bias;
  return biases ? write_safetensors(with_output_biases(model), type) : write_safetensors(model.tensors, type);
}

/// Largest magnitude that the type holds after rounding.
bool holds(DataType type, float value) {
  if (type == DataType::kF16) return std::isfinite(internal::from_f16(internal::to_f16(value)));
  if (type == DataType::kBF16) return std::isfinite(internal::from_bf16(internal::to_bf16(value)));
  return std::isfinite(value);
}

Status check_model(const Model& model, DataType type) {
  SAMARA_TRY_STATUS(validate(model.config));
  SAMARA_TRY_STATUS(check_vocabulary(model.config, model.tokenizer));
  const auto shapes = tensor_shapes(model.config);
  const auto same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.shape == b.second;
  };
  if (!std::equal(model.tensors.begin(), model.tensors.end(), shapes.begin(), shapes.end(), same)) {
    return make_error(ErrorCode::kInvalidArgument, "the tensors are not those that the config calls for");
  }
  const auto within = [](std::optional<double> value, double most) {
    return !value || (*value >= 0.0 && *value <= most);
  };
  if (!within(model.sampling.temperature, kMaxTemperature) || !within(model.sampling.top_p, 1.0)) {
    return make_error(ErrorCode::kInvalidArgument, "the advice for sampling is out of range");
  }
  for (const auto& [name, tensor] : model.tensors) {
    for (const float value : tensor.values) {
      if (holds(type, value)) continue;
      return make_error(ErrorCode::kInvalidArgument,
                        "tensor \"{}\" has {}, which the file's type cannot hold", name, value);
    }
  }
  return {};
}

Status io_error(const char* what, const fs::path& path, const std::error_code& error) {
  return make_error(ErrorCode::kIo, "cannot {} {}: {}", what, path.string(), error.message());
}

/// Renames the files of a save whose marker stands, and removes the marker.
Status finish_save(const fs::path& folder) {
  std::error_code error;
  for (const char* name : kWritten) {
    const fs::path waiting = pending(folder, name);
    if (!is_there(waiting)) continue;
    fs::rename(waiting, folder / name, error);
    if (error) return io_error("replace", folder / name, error);
  }
  fs::remove(folder / kMarker, error);
  if (error) return io_error("remove", folder / kMarker, error);
  return {};
}

Status write_pending(const Model& model, const fs::path& folder, DataType type) {
  SAMARA_TRY_STATUS(write_file(pending(folder, kConfig), write_config(model.config)));
  SAMARA_TRY_STATUS(write_file(pending(folder, kTokenizer), model.tokenizer.to_json()));
  SAMARA_TRY_STATUS(write_file(pending(folder, kTokenizerConfig), tokenizer_config(model)));
  SAMARA_TRY_STATUS(write_file(pending(folder, kGenerationConfig), generation_config(model)));
  SAMARA_TRY_STATUS(write_file(pending(folder, kWeights), weights_of(model, type)));
  return write_file(folder / kMarker,
                    "The files *.new are the model; a kill kept them from being renamed.\n");
}

}  // namespace

Result<Model> load_model(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return make_error(ErrorCode::kNotFound, "{} is no folder; a model is a folder with {}, {} and {}",
                      folder.string(), kConfig, kWeights, kTokenizer);
  }
  SAMARA_TRY(ModelConfig config, read_json_file(folder, kConfig, read_config));
  SAMARA_TRY(Tokenizer tokenizer, read_json_file(folder, kTokenizer, Tokenizer::from_json));
  if (const Status fits = check_vocabulary(config, tokenizer); !fits.ok())
    return in_file(folder, fits.error());
  SAMARA_TRY(Tensors tensors, read_weights(folder));
  if (const Status whole = check_tensors(config, tensors); !whole.ok()) return in_file(folder, whole.error());
  SamplingAdvice sampling;
  if (is_there(path_of(folder, kGenerationConfig))) {
    SAMARA_TRY(sampling, read_json_file(folder, kGenerationConfig, read_sampling));
  }
  return Model{config, std::move(tensors), std::move(tokenizer), sampling};
}

Status save_model(const Model& model, const fs::path& folder, DataType type) {
  SAMARA_TRY_STATUS(check_model(model, type));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return io_error("create", folder, error);
  if (is_there(folder / kMarker)) SAMARA_TRY_STATUS(finish_save(folder));
  if (const Status written = write_pending(model, folder, type); !written.ok()) {
    for (const char* name : kWritten) fs::remove(pending(folder, name), error);
    return written;
  }
  return finish_save(folder);
}

}  // namespace samara::lm
