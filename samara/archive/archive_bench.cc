// How many records per second the archive takes in, one insert() call each; there is no batched insert,
// because a call costs less than pyribs' share of a batch: GridArchive 12^3 at 2.4M to 2.9M per CPU second in
// batches of 512 and 10k one at a time, CVT with 10,000 cells 1.0M (pyribs 0.10).

#include <benchmark/benchmark.h>

#include "samara/archive/archive.h"
#include "samara/archive/cvt_map.h"
#include "samara/archive/grid_map.h"
#include "samara/base/rng.h"

namespace samara {
namespace {

/// Uniform behaviors in the unit cube; fitness slowly rises, so that a share of the inserts keeps being
/// accepted.
std::vector<Record> make_records(std::size_t count) {
  Rng rng(1);
  std::vector<Record> records(count);
  for (std::size_t i = 0; i < count; ++i) {
    records[i].program = ProgramId::of(std::to_string(i));
    records[i].score =
        Score{rng.normal() + 1e-5 * static_cast<double>(i), {rng.uniform(), rng.uniform(), rng.uniform()}};
  }
  return records;
}

void insert_records(benchmark::State& state, const std::shared_ptr<const NicheMap>& map) {
  const std::vector<Record> records = make_records(1 << 16);
  std::int64_t accepted = 0;
  for (auto _ : state) {
    Archive archive(map);
    for (const Record& record : records) accepted += archive.insert(record, 900).accepted;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
  state.counters["accepted"] = static_cast<double>(accepted) / static_cast<double>(state.items_processed());
}

void BM_InsertGrid(benchmark::State& state) {
  const auto bins = static_cast<std::uint32_t>(state.range(0));
  const std::vector<GridAxis> axes = {{{"x", 0, 1}, bins}, {{"y", 0, 1}, bins}, {{"z", 0, 1}, bins}};
  insert_records(state, std::make_shared<GridMap>(axes));
}
BENCHMARK(BM_InsertGrid)->Arg(12)->Unit(benchmark::kMillisecond);

void BM_InsertCvt(benchmark::State& state) {
  const std::vector<BehaviorAxis> axes = {{"x", 0, 1}, {"y", 0, 1}, {"z", 0, 1}};
  insert_records(
      state, std::make_shared<CvtMap>(axes, CvtOptions{.cells = static_cast<std::uint32_t>(state.range(0))}));
}
BENCHMARK(BM_InsertCvt)->Arg(1728)->Arg(10000)->Unit(benchmark::kMillisecond);

void BM_MakeCvt(benchmark::State& state) {
  const std::vector<BehaviorAxis> axes = {{"x", 0, 1}, {"y", 0, 1}, {"z", 0, 1}};
  for (auto _ : state) CvtMap(axes, CvtOptions{.cells = static_cast<std::uint32_t>(state.range(0))});
}
BENCHMARK(BM_MakeCvt)->Arg(1728)->Arg(10000)->Unit(benchmark::kMillisecond);

void BM_StatsAndDigest(benchmark::State& state) {
  const std::vector<GridAxis> axes = {{{"x", 0, 1}, 12}, {{"y", 0, 1}, 12}, {{"z", 0, 1}, 12}};
  Archive archive(std::make_shared<GridMap>(axes));
  for (const Record& record : make_records(1 << 16)) archive.insert(record, 900);
  for (auto _ : state) {
    benchmark::DoNotOptimize(archive.stats());
    benchmark::DoNotOptimize(archive.digest());
  }
}
BENCHMARK(BM_StatsAndDigest)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace samara
