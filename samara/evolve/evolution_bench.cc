// What the engine costs per candidate, beside running programs and simulating walkers: the toy world's
// operator and evaluator cost about a microsecond, so this is selection, bookkeeping, hashing, folding and
// the store, with programs of about 1 KB. It must stay flat as the run grows.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <filesystem>

#include "samara/base/clock.h"
#include "samara/evolve/fold_log.h"
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

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Seconds to fold a log of `range(0)` candidates, as resume, verify and stats do, and what the state and the
/// open store hold in memory afterwards. Islands: range(1).
void BM_FoldLog(benchmark::State& bench) {
  const auto candidates = static_cast<std::uint32_t>(bench.range(0));
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("samara_fold_bench_{}", getpid());
  std::filesystem::remove_all(folder);
  const std::vector<ArmWeight> arms{{"toy.move", 9.0}, {"toy.donor", 1.0}};
  const IslandOptions islands{static_cast<std::uint32_t>(bench.range(1)), 512, 10, 0.1, 1};
  {
    RunStore store = RunStore::create(folder, {"toy", {"toy.move", "toy.donor"}, "bench"}).value();
    RunState state(toy::niche_map(), ArmMixture::adaptive(arms), 0.0, islands);
    EvolutionOptions options;
    options.emitter = {1, 512, 1};
    options.iterations = candidates / 512;
    const std::atomic<bool> stop{false};
    SAMARA_CHECK(
        evolve(
            store, state, toy::seeds(), options, toy::make_worker, [](const IterationReport&) {}, stop)
            .ok());
  }
  for (auto _ : bench) {
    const std::size_t before = heap_bytes();
    RunStore store = RunStore::open(folder, Access::kRead).value();
    RunState state(toy::niche_map(), ArmMixture::adaptive(arms), 0.0, islands);
    SAMARA_CHECK(store.program_ids().ok());
    const std::size_t with_store = heap_bytes();
    SAMARA_CHECK(fold_log(store, state, {}).ok());
    const auto programs = static_cast<double>(state.programs_seen());
    bench.counters["programs"] = programs;
    bench.counters["store_bytes_per_program"] = static_cast<double>(with_store - before) / programs;
    bench.counters["state_bytes_per_program"] = static_cast<double>(heap_bytes() - with_store) / programs;
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_FoldLog)
    ->Args({102'400, 1})
    ->Args({1'024'000, 1})
    ->Args({1'024'000, 8})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace samara
