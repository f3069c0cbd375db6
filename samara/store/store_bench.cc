// What the run store costs per candidate (row, program and compression) in batches of 512, and that it stays
// the same from 10 thousand to a million stored programs; what reading the log back costs; how much disk a
// program takes.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "samara/base/rng.h"
#include "samara/store/run_store.h"

namespace samara {
namespace {

constexpr std::uint32_t kBatch = 512;

void require(bool ok, const Error* error = nullptr) {
  if (ok) return;
  std::fprintf(stderr, "%s\n", error != nullptr ? error->message.c_str() : "failed");
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  require(result.ok(), result.ok() ? nullptr : &result.error());
  return std::move(*result);
}

/// Walker-like programs of about 1 KB, each a small change of a random earlier one.
class Evolution {
 public:
  Evolution() {
    std::vector<std::string> lines = {"def make_walker():", "    wc = walker_creator()"};
    for (int i = 0; i < 30; ++i) lines.push_back(new_line());
    lines.push_back("    return wc.get_walker()");
    pool_.assign(1728, lines);
  }

  Program next() {
    std::vector<std::string>& lines = pool_[rng_.below(static_cast<std::uint32_t>(pool_.size()))];
    lines = pool_[rng_.below(static_cast<std::uint32_t>(pool_.size()))];
    lines[2 + rng_.below(static_cast<std::uint32_t>(lines.size()) - 3)] = new_line();
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return Program(text);
  }

 private:
  std::string new_line() {
    if (rng_.chance(0.5))
      return fmt::format("    wc.add_joint({:.6f}, {})", rng_.uniform(-9, 9), rng_.below(20));
    return fmt::format("    wc.add_muscle({}, {}, False, {:.4f})", rng_.below(20), rng_.below(20),
                       rng_.uniform());
  }

  Rng rng_{1};
  std::vector<std::vector<std::string>> pool_;
};

struct Batch {
  std::vector<Program> programs;
  std::vector<const Program*> pointers;
  std::vector<Record> records;
};

/// One run that grows from benchmark to benchmark.
class GrowingRun {
 public:
  GrowingRun() {
    std::filesystem::remove_all(folder_);
    store_ = std::make_unique<RunStore>(must(RunStore::create(folder_, {"", {"seed", "gp"}, "bench"})));
  }
  ~GrowingRun() { std::filesystem::remove_all(folder_); }

  Batch next_batch() {
    Batch batch;
    for (std::uint32_t slot = 0; slot < kBatch; ++slot) batch.programs.push_back(evolution_.next());
    for (std::uint32_t slot = 0; slot < kBatch; ++slot) {
      batch.pointers.push_back(&batch.programs[slot]);
      Record record;
      record.iteration = iteration_;
      record.slot = slot;
      record.arm = 1;
      record.program = batch.programs[slot].id();
      if (!known_.empty()) record.parents = {known_[rng_.below(static_cast<std::uint32_t>(known_.size()))]};
      record.note = fmt::format("constant {} -> {:.6f}", rng_.below(20), rng_.uniform());
      if (rng_.chance(0.7)) {
        record.outcome = Outcome::kRejected;
        record.score = Score{rng_.normal(), {rng_.uniform(), rng_.uniform(), rng_.uniform()}};
      } else {
        record.outcome = Outcome::kRuntimeError;
        record.message = "ValueError: a joint is too near to another one";
      }
      batch.records.push_back(record);
    }
    for (const Program& program : batch.programs) known_.push_back(program.id());
    return batch;
  }

  void append(const Batch& batch) {
    const Status status =
        store_->append_iteration(iteration_++, batch.records, batch.pointers, "{\"wall\":0.5}");
    require(status.ok(), status.ok() ? nullptr : &status.error());
  }

  void grow_to(std::size_t programs) {
    while (known_.size() < programs) append(next_batch());
  }

  double bytes_per_program() const {
    return static_cast<double>(std::filesystem::file_size(folder_ / "run.db")) /
           static_cast<double>(known_.size());
  }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "samara_store_bench";
  std::unique_ptr<RunStore> store_;
  Evolution evolution_;
  Rng rng_{2};
  std::vector<ProgramId> known_;
  std::uint32_t iteration_ = 0;
};

GrowingRun& run() {
  static GrowingRun run;
  return run;
}

void BM_Append(benchmark::State& state) {
  run().grow_to(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    const Batch batch = run().next_batch();
    state.ResumeTiming();
    run().append(batch);
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
  state.counters["us_per_candidate"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kBatch) * 1e-6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_program"] = run().bytes_per_program();
}
BENCHMARK(BM_Append)->Arg(10'000)->Arg(100'000)->Arg(300'000)->Arg(1'000'000)->Iterations(100)->Unit(
    benchmark::kMillisecond);

// The following read what the one above has stored.

void BM_OpenAndListPrograms(benchmark::State& state) {
  RunStore reader = must(RunStore::open(run().folder(), Access::kRead));
  for (auto _ : state) {
    RunStore store = must(RunStore::open(run().folder(), Access::kRead));
    benchmark::DoNotOptimize(must(store.program_ids()).size());
  }
  state.counters["programs"] = static_cast<double>(must(reader.program_ids()).size());
}
BENCHMARK(BM_OpenAndListPrograms)->Unit(benchmark::kMillisecond)->Iterations(2);

void BM_ReadLog(benchmark::State& state) {
  std::int64_t records = 0;
  RunStore store = must(RunStore::open(run().folder(), Access::kRead));
  for (auto _ : state) {
    require(store
                .for_each_record([&](const Record&, std::uint32_t) {
                  ++records;
                  return Status();
                })
                .ok());
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(BM_ReadLog)->Unit(benchmark::kMillisecond)->Iterations(2);

void BM_ProgramSource(benchmark::State& state) {
  RunStore store = must(RunStore::open(run().folder(), Access::kRead));
  const auto listed = must(store.program_ids());
  const std::vector<ProgramId> ids(listed.begin(), listed.end());
  Rng rng(3);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        must(store.program_source(ids[rng.below(static_cast<std::uint32_t>(ids.size()))])));
  }
}
BENCHMARK(BM_ProgramSource)->Unit(benchmark::kMicrosecond);

void BM_Check(benchmark::State& state) {
  RunStore store = must(RunStore::open(run().folder(), Access::kRead));
  for (auto _ : state) require(store.check().ok());
}
BENCHMARK(BM_Check)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace samara
