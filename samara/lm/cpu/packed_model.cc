#include "samara/lm/cpu/packed_model.h"

#include <cmath>
#include <string>

#include "samara/lm/cpu/internal/model_parts.h"
#include "samara/lm/cpu/internal/prefix_cache.h"
#include "samara/lm/processor.h"

namespace samara::lm {
namespace cpu {
namespace {

/// Takes tensors by name and holds them to the sizes that the config calls for.
class TensorSource {
 public:
  explicit TensorSource(const Tensors& tensors) : tensors_(tensors) {}

  const std::vector<float>& take(const std::string& name, std::size_t size) const {
    const auto found = tensors_.find(name);
    SAMARA_CHECK(found != tensors_.end() && found->second.values.size() == size);
    return found->second.values;
  }
  /// Rows of several matrices, one below the other.
  std::vector<float> stack(const std::string& prefix,
                           const std::vector<std::pair<std::string, std::size_t>>& parts) const {
    std::vector<float> stacked;
    for (const auto& [name, size] : parts) {
      const std::vector<float>& values = take(prefix + name, size);
      stacked.insert(stacked.end(), values.begin(), values.end());
    }
    return stacked;
  }

 private:
  const Tensors& tensors_;
};

LayerParts pack_layer(const ModelParts& parts, const TensorSource& source, std::size_t layer) {
  const ModelConfig& config = parts.config;
  const DataType element = parts.kernels->element;
  const std::size_t hidden = config.hidden_size, intermediate = config.intermediate_size;
  const std::size_t q = parts.q_size(), kv = parts.kv_size();
  const std::string prefix = "model.layers." + std::to_string(layer) + ".";
  const std::size_t rows = parts.max_rows;
  LayerParts packed;
  packed.attention_norm = source.take(prefix + "input_layernorm.weight", hidden);
  packed.mlp_norm = source.take(prefix + "post_attention_layernorm.weight", hidden);
  std::vector<float> bias;
  if (config.qkv_bias) {
    bias =
        source.stack(prefix + "self_attn.", {{"q_proj.bias", q}, {"k_proj.bias", kv}, {"v_proj.bias", kv}});
  }
  packed.qkv = PackedMatrix({hidden, parts.qkv_size(), parts.qkv_size(), false, rows}, element,
                            source.stack(prefix + "self_attn.", {{"q_proj.weight", q * hidden},
                                                                 {"k_proj.weight", kv * hidden},
                                                                 {"v_proj.weight", kv * hidden}}),
                            bias);
  packed.out = PackedMatrix({q, hidden, hidden, true, rows}, element,
                            source.take(prefix + "self_attn.o_proj.weight", hidden * q), {});
  packed.gate_up = PackedMatrix({hidden, 2 * intermediate, 2 * intermediate, false, rows}, element,
                                source.stack(prefix + "mlp.", {{"gate_proj.weight", intermediate * hidden},
                                                               {"up_proj.weight", intermediate * hidden}}),
                                {});
  packed.down = PackedMatrix({intermediate, hidden, hidden, true, rows}, element,
                             source.take(prefix + "mlp.down_proj.weight", hidden * intermediate), {});
  return packed;
}

/// Angle of position p and pair i: p * theta^(-2i / head_dim) (Su et al., "RoFormer: Enhanced transformer
/// with rotary position embedding", 2021). In double precision, then rounded.
void fill_rotations(ModelParts& parts) {
  const std::size_t half = parts.config.head_dim / 2;
  parts.cosines.resize(parts.config.max_positions * half);
  parts.sines.resize(parts.cosines.size());
  for (std::size_t i = 0; i < half; ++i) {
    const double frequency =
        std::pow(parts.config.rope_theta, -static_cast<double>(i) / static_cast<double>(half));
    for (std::size_t p = 0; p < parts.config.max_positions; ++p) {
      const double angle = static_cast<double>(p) * frequency;
      parts.cosines[p * half + i] = static_cast<float>(std::cos(angle));
      parts.sines[p * half + i] = static_cast<float>(std::sin(angle));
    }
  }
}

/// 0 where even the first of kRowCounts is too many.
std::size_t most_rows(const ModelConfig& config, std::size_t element_size) {
  std::size_t most = 0;
  for (const std::size_t rows : kRowCounts) {
    if (rows * pass_bytes_of_row(config, element_size) <= kMaxPassBytes) most = rows;
  }
  return most;
}

}  // namespace

std::uint64_t pass_bytes_of_row(const ModelConfig& config, std::size_t element_size) {
  const std::uint64_t q = std::uint64_t{config.heads} * config.head_dim;
  const std::uint64_t kv = std::uint64_t{config.kv_heads} * config.head_dim;
  const std::uint64_t floats =
      config.hidden_size + q + 2 * kv + 2 * std::uint64_t{config.intermediate_size} + config.vocab_size;
  return floats * sizeof(float) + (config.hidden_size + q + config.intermediate_size) * element_size;
}

std::unique_ptr<const ModelParts> pack(const ModelConfig& config, const Tensors& tensors,
                                       const Kernels& kernels) {
  const TensorSource source(tensors);
  const std::size_t vocab = config.vocab_size, hidden = config.hidden_size;
  auto parts = std::make_unique<ModelParts>();
  parts->config = config;
  parts->kernels = &kernels;
  parts->max_rows = most_rows(config, kernels.element_size);
  SAMARA_CHECK(parts->max_rows > 0);
  const std::vector<float>& embeddings = source.take("model.embed_tokens.weight", vocab * hidden);
  parts->embeddings = AlignedBuffer(embeddings.size() * kernels.element_size);
  kernels.narrow(embeddings.data(), embeddings.size(), parts->embeddings.as());
  fill_rotations(*parts);
  for (std::size_t layer = 0; layer < config.layers; ++layer) {
    parts->layers.push_back(pack_layer(*parts, source, layer));
  }
  parts->final_norm = source.take("model.norm.weight", hidden);
  const std::vector<float>& head =
      config.tie_embeddings ? embeddings : source.take("lm_head.weight", vocab * hidden);
  parts->head = PackedMatrix({hidden, vocab, vocab, false, parts->max_rows}, kernels.element, head, {});
  return parts;
}

}  // namespace cpu

PackedModel::PackedModel(std::unique_ptr<const cpu::ModelParts> parts, std::size_t prefix_cache_bytes)
    : parts_(std::move(parts)),
      prefixes_(std::make_unique<cpu::PrefixCache>(parts_->page_bytes(), prefix_cache_bytes)) {}
PackedModel::~PackedModel() = default;

Result<std::shared_ptr<const PackedModel>> PackedModel::make(const ModelConfig& config,
                                                             const Tensors& tensors,
                                                             std::optional<DataType> precision,
                                                             std::size_t prefix_cache_bytes) {
  SAMARA_TRY_STATUS(validate(config));
  const DataType element = precision.value_or(cpu_has_bf16() ? DataType::kBF16 : DataType::kF32);
  const cpu::Kernels* kernels = cpu::find_kernels(element);
  if (kernels == nullptr) {
    return make_error(ErrorCode::kUnsupported,
                      "cannot sample in {}: this processor has no instructions for it; sample in fp32",
                      element == DataType::kBF16 ? "bf16" : "fp16");
  }
  const std::uint64_t least = cpu::kRowCounts.front() * cpu::pass_bytes_of_row(config, kernels->element_size);
  if (least > cpu::kMaxPassBytes) {
    return make_error(
        ErrorCode::kUnsupported,
        "the model is too wide to sample from: {} tokens at a time, which are the fewest, take {} "
        "MiB beside the weights, and at most {} are allowed (vocabulary {}, hidden size {}, "
        "intermediate size {}, {} heads of {})",
        cpu::kRowCounts.front(), (least >> 20) + 1, cpu::kMaxPassBytes >> 20, config.vocab_size,
        config.hidden_size, config.intermediate_size, config.heads, config.head_dim);
  }
  try {
    return std::make_shared<const PackedModel>(cpu::pack(config, tensors, *kernels), prefix_cache_bytes);
  } catch (const dnnl::error& error) {
    return make_error(ErrorCode::kUnsupported,
                      "cannot prepare the model for sampling in {}: oneDNN says: {}; try fp32, and unset "
                      "ONEDNN_MAX_CPU_ISA if it is set",
                      element == DataType::kBF16 ? "bf16" : "fp32", error.message);
  }
}

const ModelConfig& PackedModel::config() const {
  return parts_->config;
}
DataType PackedModel::precision() const {
  return parts_->kernels->element;
}
const char* PackedModel::kernels() const {
  return parts_->kernels->name;
}

}  // namespace samara::lm
