// From program to walker: the parser alone, and with the sandboxed Python before it.
#include <benchmark/benchmark.h>

#include "samara/base/check.h"
#include "samara/domain/sodarace/seeds.h"
#include "samara/domain/sodarace/walker_builder.h"
#include "samara/domain/sodarace/walker_parser.h"

namespace samara::sodarace {
namespace {

std::unique_ptr<PythonRunner> start_runner() {
  PythonRunner::Options options;
  options.harnesses = {walker_harness()};
  auto runner = PythonRunner::start(options);
  SAMARA_CHECK(runner.ok());
  return std::move(*runner);
}

/// Argument: which seed.
void BM_ParseWalker(benchmark::State& state) {
  const Seed& seed = seed_programs()[static_cast<std::size_t>(state.range(0))];
  const Job job{0, seed.source};
  const auto results = start_runner()->run({&job, 1});
  SAMARA_CHECK(results.ok());
  const std::string& msgpack = std::get<EncodedValue>((*results)[0]).msgpack;
  for (auto _ : state) benchmark::DoNotOptimize(parse_walker(msgpack));
  state.SetLabel(seed.name);
}
BENCHMARK(BM_ParseWalker)->DenseRange(0, 3);

/// Wall time, as the programs run in other processes. Items are programs.
void BM_BuildWalkers(benchmark::State& state) {
  const Seed& seed = seed_programs()[static_cast<std::size_t>(state.range(0))];
  const auto runner = start_runner();
  const Program program(seed.source);
  const std::vector<const Program*> batch(256, &program);
  for (auto _ : state) benchmark::DoNotOptimize(build_walkers(*runner, 0, batch));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
  state.SetLabel(seed.name);
}
BENCHMARK(BM_BuildWalkers)->DenseRange(0, 3)->UseRealTime();

}  // namespace
}  // namespace samara::sodarace
