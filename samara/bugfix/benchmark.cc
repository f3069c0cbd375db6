#include "samara/bugfix/benchmark.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "samara/base/clock.h"
#include "samara/bugfix/judge.h"

namespace samara::bugfix {
namespace {

constexpr std::uint64_t kChunk = 256;  // trials that a worker takes at a time
constexpr double kObserveSeconds = 0.2;

enum class Fate : std::uint8_t { kDoesNotRun, kWrong, kSolved };

Fate fate_of(const Verdict& verdict) {
  if (passes(verdict)) return Fate::kSolved;
  return std::holds_alternative<Answer>(verdict) ? Fate::kWrong : Fate::kDoesNotRun;
}

/// The children of one task that were tried, by any operator: equal programs are tried once. Two threads that
/// meet the same new program at the same time both try it, with the same result.
class Fates {
 public:
  std::optional<Fate> find(const ProgramId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = fates_.find(id);
    return found == fates_.end() ? std::nullopt : std::optional(found->second);
  }
  void add(const ProgramId& id, Fate fate) {
    const std::lock_guard lock(mutex_);
    fates_.emplace(id, fate);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<ProgramId, Fate> fates_;
};

/// Trials [begin, end) of a cell.
struct Chunk {
  std::size_t cell;
  std::uint64_t begin;
  std::uint64_t end;
};

std::vector<Chunk> chunks_of(std::span<const Cell> cells) {
  std::vector<Chunk> chunks;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    for (std::uint64_t begin = 0; begin < cells[cell].planned; begin += kChunk) {
      chunks.push_back({cell, begin, std::min(begin + kChunk, cells[cell].planned)});
    }
  }
  return chunks;
}

std::vector<Cell> plan(std::span<const Task> tasks, std::span<const Contender> contenders,
                       std::uint64_t trials) {
  std::unordered_map<std::string, std::size_t> group_sizes;
  for (const Task& task : tasks) ++group_sizes[task.group];
  std::vector<Cell> cells;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    for (std::size_t bugs = 1; bugs <= tasks[t].levels(); ++bugs) {
      for (std::size_t c = 0; c < contenders.size(); ++c) {
        const bool family = group_sizes[tasks[t].group] > 1;
        const std::uint64_t usual = family ? contenders[c].trials_in_family : contenders[c].trials;
        cells.push_back({t, c, bugs, trials > 0 ? trials : usual, {}});
      }
    }
  }
  return cells;
}

/// Names a cell's random streams, so that they do not depend on the other cells of a benchmark.
std::uint32_t stream_of(const Task& task, const Contender& contender, std::size_t bugs) {
  const ProgramId id = ProgramId::of(fmt::format("{}\n{}\n{}", task.name, bugs, contender.name));
  std::uint32_t stream = 0;
  for (std::size_t i = 0; i < 4; ++i) stream = stream << 8 | id.bytes[i];
  return stream;
}

/// One thread's interpreter, judge and operators.
class Worker {
 public:
  static Result<std::unique_ptr<Worker>> start(std::span<const Contender> contenders,
                                               const BenchmarkOptions& options) {
    PythonRunner::Options runner;
    runner.harnesses = {Judge::harness()};
    runner.cpu_limit = options.cpu_limit;
    runner.batch = kChunk;  // siblings of one parent: the more share a child, the better
    runner.allow_uncontained = options.allow_uncontained;
    std::vector<std::size_t> first_harness;
    for (const Contender& contender : contenders) {
      first_harness.push_back(runner.harnesses.size());
      runner.harnesses.insert(runner.harnesses.end(), contender.harnesses.begin(), contender.harnesses.end());
    }
    std::unique_ptr<Worker> worker(new Worker(contenders, options.seed));
    SAMARA_TRY(worker->runner_, PythonRunner::start(std::move(runner)));
    worker->judge_.emplace(*worker->runner_, 0);
    for (std::size_t c = 0; c < contenders.size(); ++c) {
      SAMARA_TRY(OperatorMaker maker, contenders[c].start(*worker->runner_, first_harness[c]));
      worker->makers_.push_back(std::move(maker));
    }
    worker->operators_.resize(contenders.size());
    return worker;
  }

  Judge& judge() { return *judge_; }

  Result<Tally> run(const Task& task, const Cell& cell, const Chunk& chunk, Fates& fates) {
    SAMARA_TRY(const std::vector<Program> children, propose(task, cell, chunk));
    std::unordered_map<ProgramId, Fate> known;
    std::vector<const Program*> fresh;
    for (const Program& child : children) {
      if (known.contains(child.id())) continue;
      const std::optional<Fate> fate = fates.find(child.id());
      if (!fate) fresh.push_back(&child);
      known.emplace(child.id(), fate.value_or(Fate::kDoesNotRun));
    }
    SAMARA_TRY(const std::vector<Verdict> verdicts, judge_->judge(task, fresh));
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      known[fresh[i]->id()] = fate_of(verdicts[i]);
      fates.add(fresh[i]->id(), fate_of(verdicts[i]));
    }
    Tally tally{.trials = chunk.end - chunk.begin, .valid = children.size()};
    for (const Program& child : children) {
      const Fate fate = known.at(child.id());
      tally.changed += child.id() != task.buggy[cell.bugs - 1].id() ? 1 : 0;
      tally.runnable += fate != Fate::kDoesNotRun ? 1 : 0;
      tally.solved += fate == Fate::kSolved ? 1 : 0;
    }
    return tally;
  }

 private:
  /// A contender's operator, for the hint that it was made with.
  struct Made {
    Hint hint;
    ArmedOperator armed;
  };

  Worker(std::span<const Contender> contenders, std::uint64_t seed) : contenders_(contenders), seed_(seed) {}

  Result<ArmedOperator*> operator_for(std::size_t contender, const Hint& hint) {
    std::optional<Made>& made = operators_[contender];
    if (!made || made->hint != hint) {
      made.reset();
      SAMARA_TRY(ArmedOperator armed, makers_[contender](hint));
      SAMARA_CHECK(armed.weights.size() == armed.mutation->arms().size());
      made.emplace(Made{hint, std::move(armed)});
    }
    return &made->armed;
  }

  /// The texts that the operator gave; fewer than there are trials where it gave none.
  Result<std::vector<Program>> propose(const Task& task, const Cell& cell, const Chunk& chunk) {
    SAMARA_TRY(ArmedOperator* const armed, operator_for(cell.contender, task.hint));
    const std::uint32_t stream = stream_of(task, contenders_[cell.contender], cell.bugs);
    const Program& parent = task.buggy[cell.bugs - 1];
    std::vector<MutationRequest> requests;
    for (std::uint64_t trial = chunk.begin; trial < chunk.end; ++trial) {
      const auto slot = static_cast<std::uint32_t>(trial);
      MutationRequest request;
      request.parent = &parent;
      request.donor = &parent;
      request.arm = Rng(seed_, stream, slot, Stream::kSelect).weighted(armed->weights);
      request.rng = Rng(seed_, stream, slot, Stream::kMutate);
      requests.push_back(request);
    }
    SAMARA_TRY(std::vector<ProposalResult> results, armed->mutation->propose(requests));
    SAMARA_CHECK(results.size() == requests.size());
    std::vector<Program> children;
    for (ProposalResult& result : results) {
      if (auto* proposal = std::get_if<Proposal>(&result)) children.emplace_back(std::move(proposal->source));
    }
    return children;
  }

  std::span<const Contender> contenders_;
  std::uint64_t seed_;
  std::unique_ptr<PythonRunner> runner_;
  std::optional<Judge> judge_;
  std::vector<OperatorMaker> makers_;
  std::vector<std::optional<Made>> operators_;  // one per contender
};

/// What the threads share: the chunks that are left, and what came of the others.
class Trials {
 public:
  Trials(std::span<const Task> tasks, std::size_t contenders, std::vector<Cell> cells, unsigned workers,
         const std::atomic<bool>& stop)
      : tasks_(tasks),
        cells_(std::move(cells)),
        chunks_(chunks_of(cells_)),
        fates_(tasks.size()),
        worker_seconds_(contenders),
        done_(contenders),
        planned_(contenders),
        workers_(workers),
        stop_(stop) {
    for (const Cell& cell : cells_) planned_[cell.contender] += cell.planned;
  }

  /// A thread's work.
  void work(Worker& worker) {
    for (std::size_t next = next_chunk_++; next < chunks_.size() && !stop_ && !failed_;
         next = next_chunk_++) {
      const Chunk& chunk = chunks_[next];
      Cell cell;  // a copy: the tally changes meanwhile
      {
        const std::lock_guard lock(mutex_);
        cell = cells_[chunk.cell];
      }
      const double start = wall_seconds();
      const auto attempt = [&] { return worker.run(tasks_[cell.task], cell, chunk, fates_[cell.task]); };
      // A starved machine may lose a child; the trials are a function of their streams, so the same ones
      // again.
      Result<Tally> tally = attempt();
      if (!tally.ok()) tally = attempt();
      const std::lock_guard lock(mutex_);
      if (!tally.ok()) {
        if (!error_) error_ = tally.error();
        failed_ = true;
        break;
      }
      cells_[chunk.cell].tally += *tally;
      last_cell_ = chunk.cell;
      done_[cell.contender] += tally->trials;
      worker_seconds_[cell.contender] += wall_seconds() - start;
    }
    const std::lock_guard lock(mutex_);
    ++ended_;
    changed_.notify_all();
  }

  /// Waits until every thread has ended.
  void watch(const std::function<void(const BenchmarkProgress&)>& observe) {
    const double start = wall_seconds();
    std::unique_lock lock(mutex_);
    const auto all_ended = [this] { return ended_ == workers_; };
    while (!changed_.wait_for(lock, std::chrono::duration<double>(kObserveSeconds), all_ended)) {
      const Cell cell = cells_[last_cell_];
      BenchmarkProgress progress{cell};
      for (const std::uint64_t done : done_) progress.done += done;
      for (const std::uint64_t planned : planned_) progress.planned += planned;
      progress.seconds = wall_seconds() - start;
      progress.seconds_left = seconds_left();
      lock.unlock();
      observe(progress);
      lock.lock();
    }
  }

  Result<BenchmarkReport> report(double seconds) && {
    if (error_) return *error_;
    return BenchmarkReport{std::move(cells_), done_ != planned_, seconds, std::move(worker_seconds_)};
  }

 private:
  /// Each operator's trials take their own time; one that had no turn yet is taken for an average one.
  double seconds_left() const {
    double seconds = 0.0;
    double trials = 0.0;
    for (std::size_t c = 0; c < done_.size(); ++c) {
      seconds += worker_seconds_[c];
      trials += static_cast<double>(done_[c]);
    }
    double left = 0.0;
    for (std::size_t c = 0; c < done_.size(); ++c) {
      const double each =
          done_[c] > 0 ? worker_seconds_[c] / static_cast<double>(done_[c]) : seconds / std::max(1.0, trials);
      left += each * static_cast<double>(planned_[c] - done_[c]);
    }
    return left / workers_;
  }

  std::span<const Task> tasks_;
  std::vector<Cell> cells_;
  const std::vector<Chunk> chunks_;
  std::vector<Fates> fates_;  // one per task
  std::vector<double> worker_seconds_;
  std::vector<std::uint64_t> done_;     // trials per contender
  std::vector<std::uint64_t> planned_;  // the same
  unsigned workers_;
  const std::atomic<bool>& stop_;
  std::atomic<std::size_t> next_chunk_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t last_cell_ = 0;
  unsigned ended_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  trials += other.trials;
  valid += other.valid;
  changed += other.changed;
  runnable += other.runnable;
  solved += other.solved;
  return *this;
}

Result<BenchmarkReport> run_benchmark(std::span<const Task> tasks, std::span<const Contender> contenders,
                                      const BenchmarkOptions& options,
                                      const std::function<void(const BenchmarkProgress&)>& observe,
                                      const std::atomic<bool>& stop) {
  SAMARA_CHECK(!tasks.empty() && !contenders.empty());
  const double start = wall_seconds();
  const unsigned count =
      options.workers > 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < count; ++i) {
    SAMARA_TRY(std::unique_ptr<Worker> worker, Worker::start(contenders, options));
    workers.push_back(std::move(worker));
  }
  for (const Task& task : tasks) SAMARA_TRY_STATUS(verify(task, workers[0]->judge()));

  Trials trials(tasks, contenders.size(), plan(tasks, contenders, options.trials), count, stop);
  std::vector<std::thread> threads;
  for (const auto& worker : workers) threads.emplace_back([&trials, w = worker.get()] { trials.work(*w); });
  trials.watch(observe);
  for (std::thread& thread : threads) thread.join();
  return std::move(trials).report(wall_seconds() - start);
}

}  // namespace samara::bugfix
