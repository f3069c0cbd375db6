// CPU per program of a PythonRunner, all processes counted: the runner, its warm process and the children.
// The counter cpu_us is what docs/sandbox.md quotes; the time that the library prints is the wall clock of a
// serial caller.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "samara/base/clock.h"
#include "samara/sandbox/python_runner.h"

namespace samara {
namespace {

constexpr char kHarness[] = R"py(
class walker_creator:
    def __init__(self):
        self.joints = []
        self.muscles = []

    def add_joint(self, x, y):
        self.joints.append((float(x), float(y)))
        return len(self.joints) - 1

    def add_muscle(self, a, b, distance=True, amplitude=0.0, phase=0.0):
        kind = {"type": "distance"} if distance else {"type": "muscle", "amplitude": amplitude, "phase": phase}
        self.muscles.append((a, b, kind))

    def get_walker(self):
        return {"joints": self.joints, "muscles": self.muscles}

EXPORTS = {"walker_creator": walker_creator}
)py";

// 30 lines that make 15 joints and 40 muscles.
constexpr char kProgram[] = R"py(import math


def ring(wc, cx, cy, radius, count):
    joints = []
    for k in range(count):
        angle = 2 * math.pi * k / count
        joints.append(wc.add_joint(cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return joints


def tie(wc, joints, amplitude, phase):
    for k in range(len(joints)):
        after = joints[(k + 1) % len(joints)]
        wc.add_muscle(joints[k], after, False, amplitude, phase + k / len(joints))


def make_walker():
    wc = walker_creator()
    outer = ring(wc, 5, 5, 5, 8)
    inner = ring(wc, 5, 5, 2.5, 6)
    center = wc.add_joint(5, 5)
    tie(wc, outer, 0.3, 0.0)
    tie(wc, inner, 0.2, 0.5)
    for joint in outer + inner:
        wc.add_muscle(center, joint)
    for k, joint in enumerate(outer):
        if k != 3:
            wc.add_muscle(joint, inner[k % len(inner)], True)
    return wc.get_walker()
)py";

// CPU seconds of this process's children and of theirs, as far as they have ended.
double children_cpu_seconds() {
  const std::string self = "/proc/" + std::to_string(::getpid());
  std::ifstream children(self + "/task/" + std::to_string(::getpid()) + "/children");
  double ticks = 0;
  for (std::string pid; children >> pid;) {
    std::ifstream stat("/proc/" + pid + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    for (int i = 3; i <= 17 && fields >> field; ++i) {
      if (i >= 14) ticks += std::stod(field);  // utime, stime, cutime, cstime
    }
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void run_programs(benchmark::State& state, const std::string& program) {
  PythonRunner::Options options;
  options.harnesses = {{"walker", kHarness, "make_walker", Harness::Kind::kCandidate}};
  options.batch = static_cast<std::size_t>(state.range(0));
  auto runner = PythonRunner::start(std::move(options));
  if (!runner.ok()) {
    state.SkipWithError(runner.error().message.c_str());
    return;
  }
  const std::vector<Job> jobs(512, Job{0, program});
  if (!(*runner)->run(std::span(jobs).first(16)).ok()) state.SkipWithError("the runner failed");
  const double before = process_cpu_seconds() + children_cpu_seconds();
  for (auto _ : state) {
    auto results = (*runner)->run(jobs);
    if (!results.ok()) state.SkipWithError(results.error().message.c_str());
    for (const JobResult& result : *results) {
      if (const auto* failure = std::get_if<Failure>(&result)) state.SkipWithError(failure->message.c_str());
    }
  }
  const double seconds = process_cpu_seconds() + children_cpu_seconds() - before;
  const double programs = static_cast<double>(state.iterations()) * static_cast<double>(jobs.size());
  state.counters["cpu_us"] = 1e6 * seconds / programs;
  state.counters["programs/cpu_s"] = programs / seconds;
}

void walker_programs(benchmark::State& state) {
  run_programs(state, kProgram);
}
BENCHMARK(walker_programs)->ArgName("batch")->Arg(1)->Arg(16)->Arg(64)->Arg(256)->Unit(benchmark::kMillisecond);

void walker_programs_with_numpy(benchmark::State& state) {
  run_programs(state, std::string("import numpy\n") + kProgram);
}
BENCHMARK(walker_programs_with_numpy)->ArgName("batch")->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace samara
