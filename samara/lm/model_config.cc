#include "samara/lm/model_config.h"

#include <array>
#include <cmath>
#include <limits>

#include "samara/base/text.h"
#include "samara/lm/internal/json.h"

namespace samara::lm {
namespace {

using internal::find_member;
using nlohmann::json;

// Bounds that no model comes near, so that arithmetic on sizes cannot overflow and a small file not take much
// memory.
constexpr std::uint32_t kMaxLayers = 1024;
constexpr std::uint32_t kMaxSize = 1U << 24;
constexpr std::uint64_t kMaxAngles = std::uint64_t{1} << 28;  // engines tabulate their sines and cosines
constexpr double kMaxParameters = 4294967296.0;

template <typename... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Error{ErrorCode::kInvalidData, fmt::format(format, std::forward<Args>(args)...)};
}
template <typename... Args>
Error unsupported(fmt::format_string<Args...> format, Args&&... args) {
  return Error{ErrorCode::kUnsupported, fmt::format(format, std::forward<Args>(args)...)};
}

/// A value for messages.
std::string shown(const json& value) {
  return one_line(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

/// The members of one config.json; the first thing wrong is remembered and returned by status().
class Reader {
 public:
  explicit Reader(const json& file) : file_(file) {}

  std::uint32_t size(const char* key, std::optional<std::uint32_t> otherwise = std::nullopt) {
    const json* value = find_member(file_, key);
    if (!value && otherwise) return *otherwise;
    if (!value) return fail(invalid("{} is missing", key)), 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kMaxSize) {
      return value->get<std::uint32_t>();
    }
    return fail(invalid("{} is {}, not a number from 0 to {}", key, shown(*value), kMaxSize)), 0;
  }

  double number(const json& object, const char* key, double otherwise) {
    const json* value = find_member(object, key);
    if (!value) return otherwise;
    if (value->is_number()) return value->get<double>();
    return fail(invalid("{} is {}, not a number", key, shown(*value))), otherwise;
  }

  bool flag(const char* key, bool otherwise) {
    const json* value = find_member(file_, key);
    if (!value) return otherwise;
    if (value->is_boolean()) return value->get<bool>();
    return fail(invalid("{} is {}, not true or false", key, shown(*value))), otherwise;
  }

  /// A list of tokens gives its first; -1 is how old files say none.
  std::optional<TokenId> token(const char* key, std::optional<TokenId> otherwise) {
    const auto it = file_.find(key);
    if (it == file_.end()) return otherwise;
    const json* value = &*it;
    if (value->is_array() && !value->empty()) value = &value->front();
    if (value->is_null() || *value == -1) return std::nullopt;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kMaxSize) return value->get<TokenId>();
    return fail(invalid("{} is {}, not a token id", key, shown(*value))), std::nullopt;
  }

  void fail(Error error) {
    if (status_.ok()) status_ = std::move(error);
  }
  const Status& status() const { return status_; }

 private:
  const json& file_;
  Status status_;
};

Result<Architecture> read_architecture(const json& file) {
  std::string name;
  if (const json* list = find_member(file, "architectures"); list && list->is_array() && !list->empty()) {
    if (list->front().is_string()) name = list->front().get<std::string>();
  }
  const json* type = find_member(file, "model_type");
  const std::string model_type = type && type->is_string() ? type->get<std::string>() : "";
  if (name == "LlamaForCausalLM" || (name.empty() && model_type == "llama")) return Architecture::kLlama;
  if (name == "Qwen2ForCausalLM" || (name.empty() && model_type == "qwen2")) return Architecture::kQwen2;
  if (name.empty() && model_type.empty()) return invalid("architectures and model_type are missing");
  return unsupported("architecture \"{}\" is not supported; LlamaForCausalLM and Qwen2ForCausalLM are",
                     sanitize_utf8(one_line(name.empty() ? model_type : name, 60)));
}

/// Rotary positions: as they are, without scaling. Since transformers 5 they stand in "rope_parameters".
Status check_rope(const json& file) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const json* rope = find_member(file, key);
    if (!rope) continue;
    for (const char* type_key : {"rope_type", "type"}) {
      const json* type = find_member(*rope, type_key);
      if (type && *type != "default") return unsupported("{} of type {} is not supported", key, shown(*type));
    }
    if (std::string_view(key) == "rope_scaling" && find_member(*rope, "factor")) {
      return unsupported("rope_scaling is not supported");
    }
  }
  return {};
}

/// Settings that would change the model's numbers and that no engine here knows.
Status check_settings(const json& file) {
  SAMARA_TRY_STATUS(check_rope(file));
  const json* activation = find_member(file, "hidden_act");
  if (activation && *activation != "silu" && *activation != "swish") {
    return unsupported("hidden_act {} is not supported; only \"silu\" is", shown(*activation));
  }
  for (const char* key : {"mlp_bias", "use_sliding_window"}) {
    const json* value = find_member(file, key);
    if (value && *value != false) return unsupported("{} is not supported", key);
  }
  if (find_member(file, "quantization_config")) {
    return unsupported("quantization_config: quantized weights are not supported; use the original model");
  }
  const json* partial = find_member(file, "partial_rotary_factor");
  if (partial && *partial != 1.0) return unsupported("partial_rotary_factor is not supported");
  if (const json* types = find_member(file, "layer_types"); types && types->is_array()) {
    for (const json& type : *types) {
      if (type != "full_attention") return unsupported("layer_types with {} is not supported", shown(type));
    }
  }
  return {};
}

double weights_of_layer(const ModelConfig& c) {
  const double hidden = c.hidden_size;
  const double q = double{1} * c.heads * c.head_dim;
  const double kv = double{1} * c.kv_heads * c.head_dim;
  return hidden * (2 * q + 2 * kv) + (c.qkv_bias ? q + 2 * kv : 0) + 3 * hidden * c.intermediate_size +
         2 * hidden;
}

double weights_of(const ModelConfig& c) {
  const double embedding = double{1} * c.vocab_size * c.hidden_size;
  return c.layers * weights_of_layer(c) + (c.tie_embeddings ? 1 : 2) * embedding + c.hidden_size;
}

}  // namespace

std::uint64_t ModelConfig::parameters() const {
  return static_cast<std::uint64_t>(weights_of(*this));  // exact up to 2^53
}

Result<ModelConfig> read_config(std::string_view text) {
  SAMARA_TRY(const json file, internal::parse_json(text));
  if (!file.is_object()) return invalid("not an object; config.json begins with {{");
  ModelConfig config;
  SAMARA_TRY(config.architecture, read_architecture(file));
  SAMARA_TRY_STATUS(check_settings(file));
  const bool llama = config.architecture == Architecture::kLlama;

  Reader reader(file);
  config.vocab_size = reader.size("vocab_size");
  config.hidden_size = reader.size("hidden_size");
  config.intermediate_size = reader.size("intermediate_size");
  config.layers = reader.size("num_hidden_layers");
  config.heads = reader.size("num_attention_heads");
  config.kv_heads = reader.size("num_key_value_heads", config.heads);
  config.head_dim = reader.size("head_dim", config.heads > 0 ? config.hidden_size / config.heads : 0);
  config.max_positions = reader.size("max_position_embeddings", llama ? 2048 : 32768);
  config.rope_theta = reader.number(file, "rope_theta", config.rope_theta);
  if (const json* rope = find_member(file, "rope_parameters")) {
    config.rope_theta = reader.number(*rope, "rope_theta", config.rope_theta);
  }
  config.rms_norm_eps = reader.number(file, "rms_norm_eps", config.rms_norm_eps);
  config.tie_embeddings = reader.flag("tie_word_embeddings", false);
  config.qkv_bias = llama ? reader.flag("attention_bias", false) : true;
  config.bos_token = reader.token("bos_token_id", llama ? std::optional<TokenId>(1) : std::nullopt);
  config.eos_token = reader.token("eos_token_id", llama ? std::optional<TokenId>(2) : std::nullopt);
  config.pad_token = reader.token("pad_token_id", std::nullopt);
  if (!reader.status().ok()) return reader.status().error();
  SAMARA_TRY_STATUS(validate(config));
  return config;
}

std::string write_config(const ModelConfig& config) {
  const bool llama = config.architecture == Architecture::kLlama;
  const auto token = [](std::optional<TokenId> id) { return id ? json(*id) : json(); };
  nlohmann::ordered_json file;
  file["architectures"] = {llama ? "LlamaForCausalLM" : "Qwen2ForCausalLM"};
  file["model_type"] = llama ? "llama" : "qwen2";
  if (llama) {
    file["attention_bias"] = config.qkv_bias;
    file["mlp_bias"] = false;
  } else {
    file["use_sliding_window"] = false;
  }
  file["attention_dropout"] = 0.0;
  file["bos_token_id"] = token(config.bos_token);
  file["eos_token_id"] = token(config.eos_token);
  file["pad_token_id"] = token(config.pad_token);
  file["head_dim"] = config.head_dim;
  file["hidden_act"] = "silu";
  file["hidden_size"] = config.hidden_size;
  file["initializer_range"] = 0.02;
  file["intermediate_size"] = config.intermediate_size;
  file["max_position_embeddings"] = config.max_positions;
  file["num_attention_heads"] = config.heads;
  file["num_hidden_layers"] = config.layers;
  file["num_key_value_heads"] = config.kv_heads;
  file["rms_norm_eps"] = config.rms_norm_eps;
  file["rope_scaling"] = nullptr;
  file["rope_theta"] = config.rope_theta;
  file["tie_word_embeddings"] = config.tie_embeddings;
  file["use_cache"] = true;
  file["vocab_size"] = config.vocab_size;
  return file.dump(2) + "\n";
}

Status validate(const ModelConfig& config) {
  const auto in_range = [](const char* name, std::uint32_t value, std::uint32_t most) -> Status {
    if (value >= 1 && value <= most) return {};
    return invalid("{} is {}, not a number from 1 to {}", name, value, most);
  };
  SAMARA_TRY_STATUS(in_range("vocab_size", config.vocab_size, kMaxSize));
  SAMARA_TRY_STATUS(in_range("hidden_size", config.hidden_size, kMaxSize));
  SAMARA_TRY_STATUS(in_range("intermediate_size", config.intermediate_size, kMaxSize));
  SAMARA_TRY_STATUS(in_range("num_hidden_layers", config.layers, kMaxLayers));
  SAMARA_TRY_STATUS(in_range("num_attention_heads", config.heads, kMaxSize));
  SAMARA_TRY_STATUS(in_range("num_key_value_heads", config.kv_heads, kMaxSize));
  SAMARA_TRY_STATUS(in_range("head_dim", config.head_dim, kMaxSize));
  SAMARA_TRY_STATUS(in_range("max_position_embeddings", config.max_positions, kMaxSize));
  if (config.heads % config.kv_heads != 0) {
    return invalid("num_attention_heads {} is no multiple of num_key_value_heads {}", config.heads,
                   config.kv_heads);
  }
  if (config.head_dim % 2 != 0) {
    return invalid("head_dim {} is odd; rotary positions need pairs", config.head_dim);
  }
  if (std::uint64_t{config.max_positions} * config.head_dim > kMaxAngles) {
    return invalid("max_position_embeddings {} with head_dim {} are more rotary positions than are supported",
                   config.max_positions, config.head_dim);
  }
  if (!std::isfinite(config.rope_theta) || config.rope_theta <= 0) {
    return invalid("rope_theta is {}, not a positive number", config.rope_theta);
  }
  if (!(config.rms_norm_eps >= 0 && config.rms_norm_eps < 1)) {
    return invalid("rms_norm_eps is {}, not a number from 0 to 1", config.rms_norm_eps);
  }
  if (config.architecture == Architecture::kQwen2 && !config.qkv_bias) {
    return invalid("a Qwen2 model has biases on q, k and v; set qkv_bias or use Llama");
  }
  if (weights_of(config) > kMaxParameters) {
    return invalid("the model would have {:.3g} parameters; at most 2^32 are supported", weights_of(config));
  }
  const std::array<std::pair<const char*, std::optional<TokenId>>, 3> tokens = {
      {{"bos_token_id", config.bos_token},
       {"eos_token_id", config.eos_token},
       {"pad_token_id", config.pad_token}}};
  for (const auto& [name, id] : tokens) {
    if (id && *id >= config.vocab_size) {
      return invalid("{} is {}, but the vocabulary has {} tokens", name, *id, config.vocab_size);
    }
  }
  return {};
}

}  // namespace samara::lm
