// Cost of a step of a walker, in CPU time, for both simulators and every width of the lanes, at the four
// sizes of docs/sodarace-physics.md. Walkers of one size have different shapes. The time includes all that
// walk() does; a step of a walker that waits in its lane for others to end is not counted as one.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "samara/domain/sodarace/box2d_simulator.h"
#include "samara/domain/sodarace/internal/sample_walkers.h"
#include "samara/domain/sodarace/lane_simulator.h"

namespace samara::sodarace {
namespace {

constexpr std::size_t kWalkers = 64;

struct Size {
  std::string name;
  Walker (*make)(Rng& rng);
};

const Size kSizes[] = {
    {"5 joints/8 muscles", [](Rng& rng) { return square_walker(0.5, rng); }},
    {"15/40", [](Rng& rng) { return grid_walker(5, 3, 40, 0.5, rng); }},
    {"24/80", [](Rng& rng) { return grid_walker(8, 3, 80, 0.5, rng); }},
    {"60/300", [](Rng& rng) { return grid_walker(10, 6, 300, 0.5, rng); }},
    {"mixed", [](Rng& rng) { return random_walker(rng, 0.5); }},
};

std::vector<Walker> make_walkers(const Size& size, std::size_t count) {
  Rng rng(1);
  std::vector<Walker> walkers;
  for (std::size_t i = 0; i < count; ++i) walkers.push_back(size.make(rng));
  return walkers;
}

/// Steps of all walkers until they are over.
std::size_t count_steps(const Simulator& simulator, const std::vector<Walker>& walkers) {
  std::size_t steps = 0;
  for (const Walker& walker : walkers) {
    std::size_t frames = 0;
    simulator.watch(walker, flat_terrain(), [&](const Frame&) { ++frames; });
    steps += frames - 1;
  }
  return steps;
}

void walk(benchmark::State& state, const Simulator& simulator, const Size& size, std::size_t count) {
  const std::vector<Walker> walkers = make_walkers(size, count);
  const auto steps = static_cast<double>(count_steps(simulator, walkers));
  for (auto _ : state) benchmark::DoNotOptimize(simulator.walk(walkers, flat_terrain()));
  using benchmark::Counter;
  state.counters["time/step"] = Counter(steps, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["walks"] = Counter(static_cast<double>(count), Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
  static std::vector<std::pair<std::string, std::unique_ptr<Simulator>>> simulators;
  simulators.emplace_back("box2d", std::make_unique<Box2dSimulator>());
  for (const LaneWidth width : available_lane_widths()) {
    simulators.emplace_back("lanes" + std::to_string(static_cast<int>(width)),
                            std::make_unique<LaneSimulator>(LaneOptions{.width = width}));
  }
  for (const Size& size : kSizes) {
    for (const auto& [name, simulator] : simulators) {
      // The reference takes its time; a few walkers are enough to know how much.
      const std::size_t count = name == "box2d" ? kWalkers / 16 : kWalkers;
      benchmark::RegisterBenchmark((size.name + " " + name).c_str(), [&size, count,
                                                                      simulator = simulator.get()](
                                                                         benchmark::State& state) {
        walk(state, *simulator, size, count);
      })->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace samara::sodarace
