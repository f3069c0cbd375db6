// What recognizing near-duplicates costs per candidate. It must stay flat as the run grows.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/evolve/novelty_filter.h"

namespace samara {
namespace {

/// About 1 KB, and like its relatives to nine tenths.
std::string program(Rng& rng) {
  std::string text;
  const std::uint32_t changed = rng.below(30);
  for (std::uint32_t i = 0; i < 30; ++i) {
    const std::uint32_t number = i == changed ? rng.next_u32() : i;
    text += fmt::format("    wc.add_joint({} * math.cos({}), y)\n", number, i);
  }
  return text;
}

std::vector<std::string> programs(std::size_t count) {
  Rng rng(1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(program(rng));
  return texts;
}

void BM_Sketch(benchmark::State& bench) {
  const std::vector<std::string> texts = programs(1000);
  std::size_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(sketch_of(texts[i++ % texts.size()]));
}
BENCHMARK(BM_Sketch);

/// Looking up and adding, with `range(0)` programs there already.
void BM_FindAndAdd(benchmark::State& bench) {
  NoveltyFilter filter(0.95);
  Rng rng(1);
  TextSketch sketch{};
  const auto next = [&] {
    if (rng.below(8) == 0) {
      for (std::uint8_t& byte : sketch) byte = static_cast<std::uint8_t>(rng.next_u32());
    }
    sketch[rng.below(128)] = static_cast<std::uint8_t>(rng.next_u32());
  };
  for (std::int64_t i = 0; i < bench.range(0); ++i) {
    next();
    filter.add(sketch);
  }
  for (auto _ : bench) {
    next();
    benchmark::DoNotOptimize(filter.find_near(sketch));
    filter.add(sketch);
  }
}
BENCHMARK(BM_FindAndAdd)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Iterations(20'000);

}  // namespace
}  // namespace samara
