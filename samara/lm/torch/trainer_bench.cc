// Training speed: tokens per second of whole optimizer steps, by size of model, length of examples, precision
// and threads; on the clock and per CPU second, which a busy machine disturbs less. The first steps, in which
// oneDNN compiles its matrix products, do not count.
#include <benchmark/benchmark.h>

#include "samara/base/clock.h"
#include "samara/base/rng.h"
#include "samara/lm/torch/trainer.h"

namespace samara::lm {
namespace {

ModelConfig shape(std::int64_t millions) {
  ModelConfig config;
  config.vocab_size = 1536;
  config.max_positions = 512;
  config.kv_heads = 1;
  config.head_dim = 32;
  config.tie_embeddings = true;
  if (millions == 1) {
    config.hidden_size = 128, config.intermediate_size = 352, config.layers = 5, config.heads = 4;
  } else if (millions == 2) {
    config.hidden_size = 192, config.intermediate_size = 512, config.layers = 5, config.heads = 6;
  } else {
    config.hidden_size = 256, config.intermediate_size = 704, config.layers = 6, config.heads = 8;
  }
  return config;
}

/// Rates from the first report on.
struct Rates : TrainingObserver {
  double tokens = -1.0, wall = 0.0, cpu = 0.0;
  double wall_rate = 0.0, cpu_rate = 0.0;

  void progress(const TrainingProgress& progress) override {
    const double now = wall_seconds(), cpu_now = process_cpu_seconds();
    const auto read = static_cast<double>(progress.tokens);
    if (tokens < 0.0) {
      tokens = read, wall = now, cpu = cpu_now;
    } else {
      wall_rate = (read - tokens) / (now - wall);
      cpu_rate = (read - tokens) / (cpu_now - cpu);
    }
  }
};

/// Args: millions of parameters, mean length of an example, bf16, threads.
void BM_Train(benchmark::State& state) {
  const ModelConfig config = shape(state.range(0));
  const Model model{config, random_weights(config, 1), *Tokenizer::make("", {}, {})};
  ExampleSet examples(config.vocab_size);
  Rng rng(1);
  const auto mean = static_cast<std::uint32_t>(state.range(1));
  for (int i = 0; i < 2000; ++i) {
    Tokens tokens(mean / 2 + rng.below(mean));
    for (TokenId& token : tokens) token = rng.below(config.vocab_size);
    if (auto added = examples.add(tokens, tokens.size() * 4 / 5); !added.ok()) {
      state.SkipWithError(added.error().message.c_str());
    }
  }
  TrainingOptions options;
  options.tokens = 200'000;
  options.precision = state.range(2) == 1 ? Precision::kBF16 : Precision::kFP32;
  options.threads = static_cast<int>(state.range(3));
  Rates rates;
  for (auto _ : state) {
    rates = {};
    const auto trained = train(model, examples, ExampleSet(config.vocab_size), options, &rates);
    if (!trained.ok()) state.SkipWithError(trained.error().message.c_str());
  }
  state.counters["tokens/s"] = rates.wall_rate;
  state.counters["tokens/cpu_s"] = rates.cpu_rate;
  state.counters["parameters"] = static_cast<double>(config.parameters());
}
BENCHMARK(BM_Train)
    ->ArgNames({"millions", "length", "bf16", "threads"})
    ->ArgsProduct({{1, 2, 4}, {100, 300}, {0, 1}, {1, 2}})
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace samara::lm
