#include "samara/lm/cpu/internal/decoder.h"

#include <cmath>

#include "samara/base/check.h"

namespace samara::lm::cpu {
namespace {

constexpr std::size_t kFloat = sizeof(float);

}  // namespace

Decoder::Decoder(const ModelParts& parts) : parts_(parts) {
  const ModelConfig& config = parts.config;
  const std::size_t element = parts.kernels->element_size, rows = parts.max_rows;
  hidden_ = AlignedBuffer(rows * config.hidden_size * kFloat);
  normed_ = AlignedBuffer(rows * config.hidden_size * element);
  qkv_ = AlignedBuffer(rows * parts.qkv_size() * kFloat);
  query_ = AlignedBuffer(parts.q_size() * element);
  mixed_ = AlignedBuffer(rows * parts.q_size() * element);
  gate_up_ = AlignedBuffer(rows * 2 * config.intermediate_size * kFloat);
  gated_ = AlignedBuffer(rows * config.intermediate_size * element);
  logits_ = AlignedBuffer(rows * config.vocab_size * kFloat);
}

std::byte* Decoder::normed_row(std::size_t row) {
  return normed_.as() + row * parts_.config.hidden_size * parts_.kernels->element_size;
}

void Decoder::normalize(const std::vector<float>& weight, std::size_t rows) {
  const std::size_t size = parts_.config.hidden_size;
  const auto epsilon = static_cast<float>(parts_.config.rms_norm_eps);
  for (std::size_t r = 0; r < rows; ++r) {
    parts_.kernels->rms_norm(hidden_.as<float>() + r * size, weight.data(), size, epsilon, normed_row(r));
  }
}

void Decoder::attend(std::size_t layer, std::span<const Row> rows) {
  const ModelConfig& config = parts_.config;
  const Kernels& kernels = *parts_.kernels;
  const std::size_t head_dim = config.head_dim, half = head_dim / 2;
  const std::size_t block_bytes = kernels.block_bytes(head_dim);
  const std::size_t layer_offset = layer * config.kv_heads * block_bytes;
  // All keys and values first: a row may attend to rows of its own pass.
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    float* q = qkv_.as<float>() + r * parts_.qkv_size();
    float* k = q + parts_.q_size();
    const float* v = k + parts_.kv_size();
    const float* cosines = parts_.cosines.data() + row.position * half;
    const float* sines = parts_.sines.data() + row.position * half;
    for (std::size_t h = 0; h < config.heads + config.kv_heads; ++h) {
      kernels.rotate(q + h * head_dim, cosines, sines, half);
    }
    std::byte* page = row.sequence->page(row.position) + layer_offset;
    for (std::size_t h = 0; h < config.kv_heads; ++h) {
      kernels.store(k + h * head_dim, v + h * head_dim, head_dim, row.position % kPagePositions,
                    page + h * block_bytes);
    }
  }
  const std::size_t group = config.heads / config.kv_heads;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    kernels.narrow(qkv_.as<float>() + r * parts_.qkv_size(), parts_.q_size(), query_.as());
    std::byte* out = mixed_.as() + r * parts_.q_size() * kernels.element_size;
    for (std::size_t h = 0; h < config.kv_heads; ++h) {
      const std::size_t first = h * group * head_dim * kernels.element_size;
      kernels.attend({.query = query_.as() + first,
                      .pages = row.sequence->pages().data(),
                      .offset = layer_offset + h * block_bytes,
                      .positions = row.position + 1,
                      .heads = group,
                      .head_dim = head_dim,
                      .scale = 1.0F / std::sqrt(static_cast<float>(head_dim)),
                      .scratch = scores_.as<float>(),
                      .out = out + first});
    }
  }
}

void Decoder::forward(std::span<const Row> rows) {
  SAMARA_CHECK(!rows.empty() && rows.size() <= parts_.max_rows);
  const ModelConfig& config = parts_.config;
  const Kernels& kernels = *parts_.kernels;
  const std::size_t hidden = config.hidden_size, intermediate = config.intermediate_size;
  const std::size_t count = rows.size(), padded = padded_rows(count);
  std::size_t longest = 0;
  for (std::size_t r = 0; r < count; ++r) {
    const std::byte* embedding = parts_.embeddings.as() + rows[r].token * hidden * kernels.element_size;
    kernels.widen(embedding, hidden, hidden_.as<float>() + r * hidden);
    longest = std::max(longest, rows[r].position + 1);
  }
  const std::size_t scores = config.heads / config.kv_heads * round_up(longest, kPagePositions) * kFloat;
  if (scores_.bytes() < scores) scores_ = AlignedBuffer(scores);

  for (std::size_t l = 0; l < config.layers; ++l) {
    const LayerParts& layer = parts_.layers[l];
    normalize(layer.attention_norm, count);
    layer.qkv.multiply(workspace_, padded, normed_.as(), qkv_.as<float>());
    attend(l, rows);
    layer.out.multiply(workspace_, padded, mixed_.as(), hidden_.as<float>());
    normalize(layer.mlp_norm, count);
    layer.gate_up.multiply(workspace_, padded, normed_.as(), gate_up_.as<float>());
    for (std::size_t r = 0; r < count; ++r) {
      const float* gate = gate_up_.as<float>() + r * 2 * intermediate;
      kernels.swiglu(gate, gate + intermediate, intermediate,
                     gated_.as() + r * intermediate * kernels.element_size);
    }
    layer.down.multiply(workspace_, padded, gated_.as(), hidden_.as<float>());
  }
}

const float* Decoder::logits(std::span<const std::size_t> indices) {
  SAMARA_CHECK(!indices.empty() && indices.size() <= parts_.max_rows);
  const std::size_t hidden = parts_.config.hidden_size;
  const auto epsilon = static_cast<float>(parts_.config.rms_norm_eps);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    parts_.kernels->rms_norm(hidden_.as<float>() + indices[i] * hidden, parts_.final_norm.data(), hidden,
                             epsilon, normed_row(i));
  }
  parts_.head.multiply(workspace_, padded_rows(indices.size()), normed_.as(), logits_.as<float>());
  return logits_.as<float>();
}

}  // namespace samara::lm::cpu
