// CPU per proposal of GpOperator, all processes counted: the operator, the warm process and its children. The
// counter cpu_us is what docs/mutation-gp.md quotes; `siblings` says how many neighbors in a batch share
// their parent, and with it one parsed tree. The time that the library prints is that of a serial caller.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "samara/base/clock.h"
#include "samara/mutation/gp/gp_operator.h"

namespace samara::gp {
namespace {

constexpr char kSquare[] = R"py(def make_square(wc, left, bottom, right, top):
    # Four corners, clockwise from the bottom left.
    j0 = wc.add_joint(left, bottom)
    j1 = wc.add_joint(left, top)
    j2 = wc.add_joint(right, top)
    j3 = wc.add_joint(right, bottom)
    return j0, j1, j2, j3


def make_walker():
    wc = walker_creator()

    # The body is a square with a joint in its center.
    corners = make_square(wc, 0, 0, 10, 10)
    center = wc.add_joint(5, 5)

    # The sides hold their length.
    wc.add_muscle(corners[0], corners[1])
    wc.add_muscle(corners[1], corners[2])
    wc.add_muscle(corners[2], corners[3])
    wc.add_muscle(corners[3], corners[0])

    # One corner is tied to the center, the others move against it.
    wc.add_muscle(corners[3], center)
    wc.add_muscle(corners[0], center, False, 5.0, 0.0)
    wc.add_muscle(corners[1], center, False, 10.0, 0.0)
    wc.add_muscle(corners[2], center, False, 2.0, 0.0)

    return wc.get_walker()
)py";

// CPU seconds of the warm process and of those of its children that have ended.
double warm_cpu_seconds() {
  const std::string id = std::to_string(::getpid());
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  double ticks = 0.0;
  for (std::string child; children >> child;) {
    std::ifstream stat("/proc/" + child + "/stat");
    std::string field;
    for (int i = 1; i <= 17 && stat >> field; ++i) {
      if (i >= 14) ticks += std::stod(field);  // utime, stime, cutime, cstime
    }
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// 512 requests; every `siblings` of them have the same parent.
void measure(benchmark::State& state, Preset preset, std::size_t first_arm, std::size_t last_arm) {
  PythonRunner::Options options;
  options.harnesses = {harness()};
  auto runner = PythonRunner::start(std::move(options));
  if (!runner.ok()) {
    state.SkipWithError(runner.error().message.c_str());
    return;
  }
  GpOperator gp(preset, **runner, 0);
  constexpr std::size_t kBatch = 512;
  const auto siblings = static_cast<std::size_t>(state.range(0));
  std::vector<Program> parents;
  for (std::size_t i = 0; i < kBatch; i += siblings) {
    parents.emplace_back(kSquare + ("# " + std::to_string(i)) + "\n");
  }
  std::vector<MutationRequest> requests;
  for (std::size_t i = 0; i < kBatch; ++i) {
    requests.push_back({.parent = &parents[i / siblings],
                        .donor = &parents[(i / siblings + 1) % parents.size()],
                        .arm = first_arm + i % (last_arm - first_arm),
                        .rng = Rng(1, 1, static_cast<std::uint32_t>(i), Stream::kMutate)});
  }
  if (!gp.propose(requests).ok()) state.SkipWithError("the runner failed");
  const double before = process_cpu_seconds() + warm_cpu_seconds();
  for (auto _ : state) benchmark::DoNotOptimize(gp.propose(requests));
  const double seconds = process_cpu_seconds() + warm_cpu_seconds() - before;
  state.counters["cpu_us"] = 1e6 * seconds / static_cast<double>(state.iterations()) / kBatch;
}

void all_arms(benchmark::State& state) {
  measure(state, Preset::kFull, 0, default_weights(Preset::kFull).size());
}
BENCHMARK(all_arms)->ArgName("siblings")->Arg(1)->Arg(8)->Arg(64)->Unit(benchmark::kMillisecond);

void node_arm(benchmark::State& state) {
  measure(state, Preset::kNode, 0, 1);
}
BENCHMARK(node_arm)->ArgName("siblings")->Arg(1)->Arg(64)->Unit(benchmark::kMillisecond);

void register_single_arms() {
  const std::vector<ArmWeight> arms = default_weights(Preset::kFull);
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    benchmark::RegisterBenchmark(
        arms[arm].name.c_str(),
        [arm](benchmark::State& state) { measure(state, Preset::kFull, arm, arm + 1); })
        ->ArgName("siblings")
        ->Arg(1)
        ->Unit(benchmark::kMillisecond);
  }
}
const bool kRegistered = (register_single_arms(), true);

}  // namespace
}  // namespace samara::gp
