// What the guard costs per token: a trial and, where the token is taken, the acceptance. A sampler at 30,000
// tokens per second has 33 us for a token; a filter may take a fifth.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/diff/python_guard.h"

namespace samara::diff {
namespace {

constexpr std::string_view kProgram = R"(def make_circle(wc, cx, cy, radius, num_points):
    joints = []
    for i in range(num_points):
        angle = 2 * math.pi * i / num_points
        x = cx + radius * math.cos(angle)
        y = cy + radius * math.sin(angle)
        joints.append(wc.add_joint(x, y))
    return joints

def make_walker():
    wc = walker_creator()
    center = wc.add_joint(5, 5)
    points = make_circle(wc, 5, 5, 5, 8)
    for k in range(len(points)):
        wc.add_muscle(points[k], points[k - 1])
        wc.add_muscle(center, points[k], False, 1.0, float(k) / len(points))
    return wc.get_walker()
)";

/// New lines as a tokenizer cuts them.
const std::vector<std::vector<std::string_view>> kLines = {
    {"    ", "    ", "x", " =", " c", "x", " +", " rad", "ius", " *", " math", ".", "cos", "(", "angle", ")"},
    {"    ", "    ", "joints", ".app", "end", "(", "wc", ".add_", "joint", "(x", ",", " y", "))"},
    {"    ", "    ", "if", " num", "_points", " >", " 2", " and", " i", " %", " 2", " ==", " 0", ":"},
    {"    ", "    ", "    ", "joints", " =", " [", "j", " for", " j", " in", " joints", " if", " j", "]"},
};

void BM_AllowAndAccept(benchmark::State& state) {
  const std::vector<std::string> known = {"walker_creator", "math"};
  const PythonProgram program = PythonProgram::parse(kProgram, known);
  std::int64_t tokens = 0, refused = 0;
  for (auto _ : state) {
    PythonGuard guard(program, {.names = state.range(0) != 0});
    guard.begin_edit(4, 1);
    for (const auto& line : kLines) {
      guard.begin_line();
      for (const std::string_view token : line) {
        if (guard.allows_text(token)) {
          guard.accept_text(token);
        } else {
          ++refused;
        }
        ++tokens;
      }
      benchmark::DoNotOptimize(guard.allows_line_end());
    }
  }
  state.SetItemsProcessed(tokens);
  state.counters["refused"] = static_cast<double>(refused);
}
BENCHMARK(BM_AllowAndAccept)->ArgName("names")->Arg(0)->Arg(1);

void BM_Trial(benchmark::State& state) {
  const std::vector<std::string> known = {"walker_creator", "math"};
  const PythonProgram program = PythonProgram::parse(kProgram, known);
  PythonGuard guard(program, {});
  guard.begin_edit(4, 1);
  guard.begin_line();
  guard.accept_text("        x = cx");
  const std::string_view tokens[] = {" +", ")", "_", " and", "[", " foo", ".app", " = "};
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(guard.allows_text(tokens[i++ % 8]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Trial);

void BM_EditEnd(benchmark::State& state) {
  const PythonProgram program = PythonProgram::parse(kProgram);
  PythonGuard guard(program, {.names = false});
  guard.begin_edit(1, 1);
  guard.begin_line();
  guard.accept_text("    joints = [wc]");
  for (auto _ : state) benchmark::DoNotOptimize(guard.allows_edit_end());
}
BENCHMARK(BM_EditEnd);

void BM_ParseProgram(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PythonProgram::parse(kProgram));
}
BENCHMARK(BM_ParseProgram)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace samara::diff
