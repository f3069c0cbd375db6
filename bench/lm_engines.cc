// A plain sampler with libtorch, for bench/lm_engines.py to compare with: batched, keys and values cached,
// all weights random. Prints a line of JSON per measurement: generated tokens per CPU second on one thread.
//     lm_engines HIDDEN LAYERS HEADS KV_HEADS INTERMEDIATE VOCAB PROMPT NEW SEQUENCES PRECISION
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

using torch::Tensor;

constexpr std::int64_t kTogether = 1;  // prompts that are read together: the fastest of 1, 2 and all

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Layer {
  Tensor attention_norm, qkv, out, mlp_norm, gate_up, down;
};

struct Model {
  std::int64_t hidden, layers, heads, kv_heads, intermediate, vocab, head_dim = 32, context;
  torch::ScalarType type;
  Tensor embeddings, final_norm, cosines, sines;
  std::vector<Layer> blocks;

  void make() {
    torch::manual_seed(1);
    const auto weight = [&](std::int64_t out, std::int64_t in) {
      return (torch::randn({out, in}) / std::sqrt(static_cast<double>(in))).to(type);
    };
    embeddings = weight(vocab, hidden);
    final_norm = torch::ones({hidden}, type);
    for (std::int64_t l = 0; l < layers; ++l) {
      blocks.push_back({torch::ones({hidden}, type), weight((heads + 2 * kv_heads) * head_dim, hidden),
                        weight(hidden, heads * head_dim), torch::ones({hidden}, type),
                        weight(2 * intermediate, hidden), weight(hidden, intermediate)});
    }
    const Tensor frequencies =
        torch::pow(10000.0, -torch::arange(0, head_dim, 2).to(torch::kFloat) / head_dim);
    const Tensor angles = torch::outer(torch::arange(context).to(torch::kFloat), frequencies);
    cosines = torch::cat({angles.cos(), angles.cos()}, 1).to(type);
    sines = torch::cat({-angles.sin(), angles.sin()}, 1).to(type);
  }
};

/// Keys and values of a batch, per layer: (batch, kv_heads, context, head_dim).
struct Cache {
  std::vector<Tensor> keys, values;
};

Tensor norm(const Tensor& x, const Tensor& weight) {
  return x * torch::rsqrt(x.pow(2).mean(-1, true) + 1e-6) * weight;
}

Tensor rotate(const Tensor& x, const Tensor& cosines, const Tensor& sines) {
  const std::int64_t half = x.size(-1) / 2;
  return x * cosines + torch::cat({x.slice(-1, half), x.slice(-1, 0, half)}, -1) * sines;
}

/// (batch, vocab) logits after `tokens` (batch, count), which stand at positions from `start` on.
Tensor forward(const Model& model, Cache& cache, const Tensor& tokens, std::int64_t start) {
  const std::int64_t batch = tokens.size(0), count = tokens.size(1), end = start + count;
  const std::int64_t group = model.heads / model.kv_heads;
  const Tensor cosines = model.cosines.slice(0, start, end), sines = model.sines.slice(0, start, end);
  Tensor mask;
  if (count > 1) mask = torch::full({count, end}, -1e9, model.type).triu(start + 1).repeat({group, 1});
  Tensor x = torch::embedding(model.embeddings, tokens);
  for (std::size_t l = 0; l < model.blocks.size(); ++l) {
    const Layer& layer = model.blocks[l];
    const auto parts = torch::linear(norm(x, layer.attention_norm), layer.qkv)
                           .view({batch, count, -1, model.head_dim})
                           .transpose(1, 2)
                           .split_with_sizes({model.heads, model.kv_heads, model.kv_heads}, 1);
    Tensor q =
        rotate(parts[0], cosines, sines).reshape({batch, model.kv_heads, group * count, model.head_dim});
    cache.keys[l].slice(2, start, end).copy_(rotate(parts[1], cosines, sines));
    cache.values[l].slice(2, start, end).copy_(parts[2]);
    Tensor scores = torch::matmul(q, cache.keys[l].slice(2, 0, end).transpose(2, 3)) / std::sqrt(32.0);
    if (count > 1) scores = scores + mask;
    const Tensor mixed = torch::matmul(scores.softmax(-1), cache.values[l].slice(2, 0, end))
                             .view({batch, model.heads, count, model.head_dim})
                             .transpose(1, 2)
                             .reshape({batch, count, -1});
    x = x + torch::linear(mixed, layer.out);
    const auto gate_up = torch::linear(norm(x, layer.mlp_norm), layer.gate_up).chunk(2, -1);
    x = x + torch::linear(torch::silu(gate_up[0]) * gate_up[1], layer.down);
  }
  return torch::linear(norm(x.select(1, count - 1), model.final_norm), model.embeddings).to(torch::kFloat);
}

/// Completes `sequences` prompts, `family` of them alike; CPU seconds of reading and of writing.
std::pair<double, double> sample(const Model& model, std::int64_t sequences, std::int64_t family,
                                 std::int64_t prompt, std::int64_t wanted) {
  const std::int64_t prompts = sequences / family;
  Cache cache;
  for (std::int64_t l = 0; l < model.layers; ++l) {
    const auto shape = {prompts, model.kv_heads, model.context, model.head_dim};
    cache.keys.push_back(torch::zeros(shape, model.type));
    cache.values.push_back(torch::zeros(shape, model.type));
  }
  const Tensor tokens = torch::randint(model.vocab, {prompts, prompt}, torch::kLong);
  const double begin = cpu_seconds();
  std::vector<Tensor> parts;
  for (std::int64_t from = 0; from < prompts;
       from += kTogether) {  // few at a time stay in the processor's caches
    const std::int64_t to = std::min(prompts, from + kTogether);
    Cache part;
    for (const Tensor& keys : cache.keys) part.keys.push_back(keys.slice(0, from, to));
    for (const Tensor& values : cache.values) part.values.push_back(values.slice(0, from, to));
    parts.push_back(forward(model, part, tokens.slice(0, from, to), 0));
  }
  Tensor logits = torch::cat(parts, 0);
  if (family > 1) {
    logits = logits.repeat_interleave(family, 0);
    for (Tensor& keys : cache.keys) keys = keys.repeat_interleave(family, 0);
    for (Tensor& values : cache.values) values = values.repeat_interleave(family, 0);
  }
  const double read = cpu_seconds();
  for (std::int64_t i = 0; i < wanted; ++i) {
    const Tensor next = torch::multinomial(logits.softmax(-1), 1);
    if (i + 1 < wanted) logits = forward(model, cache, next, prompt + i);
  }
  return {read - begin, cpu_seconds() - read};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 11) return 2;
  std::int64_t n[10];
  for (int i = 1; i < 10; ++i) n[i] = std::atoll(argv[i]);
  at::set_num_threads(1);
  const c10::InferenceMode inference;
  Model model;
  model.hidden = n[1];
  model.layers = n[2];
  model.heads = n[3];
  model.kv_heads = n[4];
  model.intermediate = n[5];
  model.vocab = n[6];
  const std::int64_t prompt = n[7], wanted = n[8], sequences = n[9];
  model.context = prompt + wanted;
  model.type = std::strcmp(argv[10], "bf16") == 0 ? torch::kBFloat16 : torch::kFloat;
  model.make();
  for (const std::int64_t family : {std::int64_t{1}, std::int64_t{8}}) {
    sample(model, sequences, family, prompt, 3);  // warms up
    const auto [reading, writing] = sample(model, sequences, family, prompt, wanted);
    const auto tokens = static_cast<double>(sequences * wanted);
    std::printf("{\"family\": %d, \"decode\": %.1f, \"end_to_end\": %.1f}\n", static_cast<int>(family),
                tokens / writing, tokens / (reading + writing));
  }
}
