// Generated tokens per CPU second of one engine: 150 prompt and 100 new tokens, vocabulary 1,536,
// temperature 1. "alone": every request has a prompt of its own; "family of 8": eight children per prompt, as
// in evolution; "one prompt": all requests have the same, so that this is decoding and little else; "known":
// every prompt's first 140 tokens are in the prefix cache. Random weights: what they are does not matter to
// speed. bench/lm_engines.py shows these beside other engines.
#include <benchmark/benchmark.h>

#include "samara/lm/cpu/cpu_generator.h"
#include "samara/lm/cpu/internal/test_models.h"

namespace samara::lm {
namespace {

constexpr std::size_t kPrompt = 150, kNew = 100, kPrefix = 140, kRequests = 192;

struct Size {
  const char* name;
  cpu::testing::Shape shape;
};
constexpr Size kSizes[] = {
    {"1M", {1536, 128, 352, 4, 4, 1, 32}},
    {"4M", {1536, 256, 704, 5, 8, 1, 32}},
    {"10M", {1536, 384, 1024, 6, 12, 1, 32}},
    {"4M multi-head", {1536, 256, 704, 5, 8, 8, 32}},
};

void generate(benchmark::State& state, const Size& size, DataType precision, std::size_t family, bool known,
              SamplingOptions sampling) {
  const ModelConfig config = cpu::testing::config_of(size.shape);
  const auto model = PackedModel::make(config, cpu::testing::make_tensors(config, 1), precision);
  if (!model.ok()) return state.SkipWithError(model.error().message.c_str());
  const auto generator = make_cpu_generator(model.value()).value();
  Rng rng(2);
  std::size_t tokens = 0;
  std::uint32_t round = 0;
  std::vector<Tokens> prompts;
  sampling.max_tokens = kNew;
  const auto run = [&] {
    std::vector<GenerationRequest> requests;
    for (std::uint32_t i = 0; i < kRequests; ++i) {
      GenerationRequest request{.prompt = prompts[i / family]};
      request.reusable_prefix = kPrefix;
      request.sampling = sampling;
      request.rng = Rng(3, round, i, Stream::kMutate);
      requests.push_back(request);
    }
    ++round;
    const auto generations = generator->generate(requests).value();
    for (const Generation& generation : generations) tokens += generation.tokens.size();
  };
  const auto new_prompts = [&] {
    prompts.clear();
    for (std::size_t i = 0; i < kRequests; ++i) {
      prompts.push_back(cpu::testing::random_tokens(rng, kPrompt, config.vocab_size));
    }
  };
  new_prompts();
  run();
  tokens = 0;
  for (auto _ : state) {
    if (!known) {
      state.PauseTiming();
      new_prompts();
      state.ResumeTiming();
    }
    run();
  }
  state.counters["tokens_per_cpu_second"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}

void register_all() {
  for (const Size& size : kSizes) {
    for (const DataType precision : {DataType::kBF16, DataType::kF32}) {
      const auto add = [&](const std::string& name, std::size_t family, bool known,
                           SamplingOptions sampling = {}) {
        const std::string full =
            fmt::format("{} {} {}", size.name, precision == DataType::kBF16 ? "bf16" : "fp32", name);
        benchmark::RegisterBenchmark(full.c_str(), [&size, precision, family, known,
                                                    sampling](benchmark::State& state) {
          generate(state, size, precision, family, known, sampling);
        })->Unit(benchmark::kMillisecond);
      };
      add("alone", 1, false);
      add("family of 8", 8, false);
      add("one prompt", kRequests, false);
      add("known", 1, true);
      add("one prompt top-p 0.95", kRequests, false, {.top_p = 0.95F});
    }
  }
}

[[maybe_unused]] const bool kRegistered = (register_all(), true);

}  // namespace
}  // namespace samara::lm
