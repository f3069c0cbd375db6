// What the engine costs per candidate, beside running programs and simulating walkers: the toy world's
// operator and evaluator cost about a microsecond, so this is selection, bookkeeping, hashing, folding and
// the store, with programs of about 1 KB. It must stay flat as the run grows.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "samara/base/clock.h"
#include "samara/evolve/internal/toy_world.h"

namespace samara {
namespace {

std::string program_tail() {
  std::string tail = "\n";
  for (int i = 0; i < 25; ++i)
    tail += fmt::format("    wc.add_joint({} * math.cos({}), y)\n", i * 37 % 11, i);
  return tail;
}

/// CPU microseconds per candidate of the last iterations of a run that holds `range(0)` candidates by then.
void BM_EnginePerCandidate(benchmark::State& bench) {
  const auto candidates = static_cast<std::uint32_t>(bench.range(0));
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("samara_engine_bench_{}", getpid());
  const std::vector<ArmWeight> arms{{"toy.move", 9.0}, {"toy.donor", 1.0}};
  for (auto _ : bench) {
    std::filesystem::remove_all(folder);
    RunStore store = RunStore::create(folder, {"toy", {"toy.move", "toy.donor"}, "bench"}).value();
    RunState state(toy::niche_map(), ArmMixture::adaptive(arms));
    EvolutionOptions options;
    options.emitter = {1, 512, 1};
    options.iterations = candidates / 512;
    constexpr std::uint32_t kMeasured = 16;
    double before = 0.0, after = 0.0;
    const auto observe = [&](const IterationReport& report) {
      if (report.iteration == options.iterations - kMeasured) before = process_cpu_seconds();
      if (report.iteration == options.iterations) after = process_cpu_seconds();
    };
    const WorkerFactory factory = [] {
      return Result<std::unique_ptr<Worker>>(std::make_unique<toy::ToyWorker>(program_tail()));
    };
    const std::atomic<bool> stop{false};
    SAMARA_CHECK(evolve(store, state, toy::seeds(), options, factory, observe, stop).ok());
    bench.SetIterationTime(after - before);
    bench.counters["us_per_candidate"] = 1e6 * (after - before) / (kMeasured * 512);
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_EnginePerCandidate)
    ->Arg(20'480)
    ->Arg(102'400)
    ->Arg(1'024'000)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace samara
