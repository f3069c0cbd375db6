#include "samara/evolve/evolution.h"

#include <algorithm>
#include <deque>

#include "samara/base/clock.h"
#include "samara/evolve/fold_log.h"
#include "samara/evolve/novelty_filter.h"
#include "samara/evolve/source_cache.h"

namespace samara {
namespace {

/// An iteration on its way: mutate -> recognize duplicates -> evaluate -> fold and commit.
struct Iteration {
  enum class Phase { kMutating, kProposed, kEvaluating, kEvaluated };

  std::uint32_t number = 0;
  Phase phase = Phase::kMutating;
  std::size_t tasks_left = 0;  // of the phase under way

  // By slot.
  std::vector<Draft> drafts;
  std::vector<ProgramPtr> parents, donors;
  std::vector<MutationContext> contexts;  // empty where the operator needs none
  std::vector<ProposalResult> proposals;
  std::vector<Record> records;
  std::vector<ProgramPtr> programs;  // null where there is no text

  // By position in `pending`.
  std::vector<std::uint32_t> pending;  // slots whose program is new and must be evaluated
  std::vector<Evaluation> evaluations;
};

/// Consecutive slots for one task: small enough to keep every worker busy, large enough to fill the sandbox's
/// children and the simulator's lanes. Results do not depend on it.
std::size_t chunk_size(std::size_t items, unsigned workers) {
  constexpr std::size_t kSmallest = 16, kLargest = 256;
  return std::clamp<std::size_t>(items / (2 * workers), kSmallest, kLargest);
}

/// How a scored or failed evaluation enters its record; the archive settles accepted or rejected in fold().
void set_evaluation(Record& record, Evaluation evaluation) {
  if (Score* score = std::get_if<Score>(&evaluation)) {
    record.outcome = Outcome::kRejected;
    record.details = std::exchange(score->details, {});
    record.score = std::move(*score);
  } else {
    Failure& failure = std::get<Failure>(evaluation);
    record.outcome = failure.outcome;
    record.message = std::move(failure.message);
    record.details = std::move(failure.details);
  }
}

class Loop {
 public:
  Loop(RunStore& store, RunState& state, const EvolutionOptions& options, const IterationObserver& observe)
      : store_(store),
        state_(state),
        options_(options),
        observe_(observe),
        sources_(store),
        contexts_(store, sources_, options.emitter.rng_seed, options.context),
        stop_rule_(options.stop) {
    if (options.novelty > 0.0) novelty_.emplace(options.novelty);
  }

  /// Before all else: the workers that do the work.
  void use(WorkerPool& pool) { pool_ = &pool; }

  /// Folds what the store holds and drafts the iterations whose parents are known by now.
  Status replay();
  /// Evaluates the seeds and commits them as iteration 0.
  Status plant(std::span<const Seed> seeds, Evaluator& evaluator);
  bool needs_seeds() const { return !committed_; }
  Result<EvolutionEnd> run(const std::atomic<bool>& stop);

 private:
  Status replay_novelty();
  Status draft_after(std::uint32_t folded);
  Status add_contexts(Iteration& iteration);
  void take_note(const Record& record);
  std::optional<double> find_near(const Program& program);
  void submit_mutation(Iteration& iteration);
  void recognize_duplicates(Iteration& iteration);
  void submit_evaluation(Iteration& iteration);
  Status commit(Iteration& iteration);
  Status advance();
  std::string stats_json(std::uint32_t iteration) const;
  bool time_up() const {
    return options_.max_seconds > 0.0 && wall_seconds() - started_ > options_.max_seconds;
  }
  template <typename Work>
  void submit_chunks(Iteration& iteration, std::size_t items, std::size_t size, Work work);
  bool begun(const Iteration& iteration) const { return !iteration.proposals.empty(); }

  RunStore& store_;
  RunState& state_;
  const EvolutionOptions& options_;
  const IterationObserver& observe_;
  SourceCache sources_;
  ContextBook contexts_;
  WorkerPool* pool_ = nullptr;

  std::deque<std::unique_ptr<Iteration>> under_way_;  // consecutive, oldest first
  std::unordered_set<ProgramId> proposed_;            // programs of iterations under way
  std::optional<NoveltyFilter> novelty_;              // knows all programs that were or are being evaluated
  StopRule stop_rule_;
  std::optional<std::uint32_t> committed_;  // the last iteration in the store
  double started_ = wall_seconds();
  std::uint64_t proposals_done_ = 0;
};

Status Loop::replay() {
  SAMARA_TRY(const std::optional<std::uint32_t> last, store_.last_iteration());
  committed_ = last;
  if (novelty_) SAMARA_TRY_STATUS(replay_novelty());
  const auto after_iteration = [&](std::uint32_t iteration) -> Status {
    stop_rule_.end_iteration(iteration, state_.archive());
    const bool parents_of_the_future = iteration + 1 + options_.lag > *last;
    return parents_of_the_future ? draft_after(iteration) : Status();
  };
  return fold_log(store_, state_, after_iteration, [&](const Record& record) { take_note(record); });
}

/// The filter knows texts, which the log's records are without.
Status Loop::replay_novelty() {
  return store_.for_each_record([&](const Record& record, std::uint32_t) -> Status {
    if (!record.program || !is_evaluated(record.outcome)) return {};
    SAMARA_TRY(const std::string source, store_.program_source(*record.program));
    novelty_->add(sketch_of(source));
    return {};
  });
}

/// Drafts the iterations whose parents come from the archive after `folded`.
Status Loop::draft_after(std::uint32_t folded) {
  const std::uint32_t first = folded == 0 ? 1 : folded + 1 + options_.lag;
  const std::uint32_t last = folded + 1 + options_.lag;
  for (std::uint32_t number = std::max(first, *committed_ + 1); number <= last; ++number) {
    auto iteration = std::make_unique<Iteration>();
    iteration->number = number;
    iteration->drafts = emit(options_.emitter, number, state_);
    for (const Draft& draft : iteration->drafts) {
      SAMARA_TRY(ProgramPtr parent, sources_.get(draft.parent));
      SAMARA_TRY(ProgramPtr donor, sources_.get(draft.donor));
      iteration->parents.push_back(std::move(parent));
      iteration->donors.push_back(std::move(donor));
    }
    if (pool_->needs_context()) SAMARA_TRY_STATUS(add_contexts(*iteration));
    under_way_.push_back(std::move(iteration));
  }
  return {};
}

void Loop::take_note(const Record& record) {
  if (pool_->needs_context()) contexts_.fold(record, state_);
}

Status Loop::add_contexts(Iteration& iteration) {
  for (std::uint32_t slot = 0; slot < iteration.drafts.size(); ++slot) {
    SAMARA_TRY(MutationContext context,
               contexts_.assemble(iteration.drafts[slot], iteration.number, slot, state_.archive_for(slot)));
    iteration.contexts.push_back(std::move(context));
  }
  return {};
}

template <typename Work>
void Loop::submit_chunks(Iteration& iteration, std::size_t items, std::size_t size, Work work) {
  for (std::size_t begin = 0; begin < items; begin += size) {
    const std::size_t end = std::min(items, begin + size);
    ++iteration.tasks_left;
    pool_->submit(iteration.number, [&iteration, begin, end, work](Worker& worker) {
      return work(worker, iteration, begin, end);
    });
  }
}

void Loop::submit_mutation(Iteration& iteration) {
  iteration.proposals.resize(iteration.drafts.size());
  const std::size_t slots = iteration.drafts.size();
  submit_chunks(iteration, slots, std::max(chunk_size(slots, pool_->size()), pool_->preferred_chunk()),
                [seed = options_.emitter.rng_seed, family = options_.emitter.children_per_parent](
                    Worker& worker, Iteration& it, std::size_t begin, std::size_t end) -> Status {
                  const auto stream_of = [&](std::size_t slot) {
                    return Rng(seed, it.number, static_cast<std::uint32_t>(slot), Stream::kMutate);
                  };
                  std::vector<MutationRequest> requests;
                  for (std::size_t slot = begin; slot < end; ++slot) {
                    requests.push_back({it.parents[slot].get(), it.donors[slot].get(), it.drafts[slot].arm,
                                        stream_of(slot), it.number, static_cast<std::uint32_t>(slot),
                                        it.contexts.empty() ? nullptr : &it.contexts[slot]});
                    std::size_t first = slot;
                    while (first % family != 0 && it.drafts[first - 1].parent == it.drafts[slot].parent)
                      --first;
                    if (first != slot) requests.back().first_sibling = stream_of(first);
                  }
                  SAMARA_TRY(std::vector<ProposalResult> proposals, worker.mutation().propose(requests));
                  SAMARA_CHECK(proposals.size() == requests.size());
                  std::move(proposals.begin(), proposals.end(),
                            it.proposals.begin() + static_cast<std::ptrdiff_t>(begin));
                  return {};
                });
}

/// The similarity of an earlier program that is too near; without one, the program counts as seen from now
/// on.
std::optional<double> Loop::find_near(const Program& program) {
  if (!novelty_) return std::nullopt;
  const TextSketch sketch = sketch_of(program.source());
  const std::optional<double> similarity = novelty_->find_near(sketch);
  if (!similarity) novelty_->add(sketch);
  return similarity;
}

/// Turns proposals into records. Needs the iterations before to have passed here, so that "proposed before"
/// means the same on any number of workers.
void Loop::recognize_duplicates(Iteration& iteration) {
  const std::size_t slots = iteration.drafts.size();
  iteration.records.resize(slots);
  iteration.programs.resize(slots);
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    Record& record = iteration.records[slot];
    record.iteration = iteration.number;
    record.slot = slot;
    record.arm = iteration.drafts[slot].arm;
    record.parents = {iteration.drafts[slot].parent};
    if (Failure* failure = std::get_if<Failure>(&iteration.proposals[slot])) {
      record.outcome = failure->outcome;
      record.message = std::move(failure->message);
      continue;
    }
    Proposal& proposal = std::get<Proposal>(iteration.proposals[slot]);
    if (proposal.used_donor) record.parents.push_back(iteration.drafts[slot].donor);
    record.note = std::move(proposal.note);
    ProgramPtr program = std::make_shared<const Program>(std::move(proposal.source));
    record.program = program->id();
    if (program->id() == iteration.drafts[slot].parent) {
      record.outcome = Outcome::kUnchanged;
    } else if (state_.seen(program->id()) || !proposed_.insert(program->id()).second) {
      record.outcome = Outcome::kDuplicate;
    } else {
      iteration.programs[slot] = program;
      if (const std::optional<double> similarity = find_near(*program)) {
        record.outcome = Outcome::kNotNovel;
        record.message = fmt::format("{:.0f}% like a program before", 100.0 * *similarity);
      } else {
        iteration.pending.push_back(slot);
      }
    }
  }
}

void Loop::submit_evaluation(Iteration& iteration) {
  iteration.evaluations.resize(iteration.pending.size());
  const std::size_t programs = iteration.pending.size();
  const std::size_t chunk = options_.evaluation_chunk;
  submit_chunks(iteration, programs, chunk == 0 ? chunk_size(programs, pool_->size()) : chunk,
                [](Worker& worker, Iteration& it, std::size_t begin, std::size_t end) -> Status {
                  std::vector<const Program*> programs;
                  for (std::size_t i = begin; i < end; ++i)
                    programs.push_back(it.programs[it.pending[i]].get());
                  SAMARA_TRY(std::vector<Evaluation> evaluations, worker.evaluator().evaluate(programs));
                  SAMARA_CHECK(evaluations.size() == programs.size());
                  std::move(evaluations.begin(), evaluations.end(),
                            it.evaluations.begin() + static_cast<std::ptrdiff_t>(begin));
                  return {};
                });
}

Status Loop::commit(Iteration& iteration) {
  for (std::size_t i = 0; i < iteration.pending.size(); ++i) {
    set_evaluation(iteration.records[iteration.pending[i]], std::move(iteration.evaluations[i]));
  }
  std::vector<const Program*> new_programs;
  for (Record& record : iteration.records) {
    const ProgramPtr& program = iteration.programs[record.slot];
    const Folded folded = state_.fold(record, program ? program->size() : 0);
    record.outcome = folded.outcome;
    if (folded.breeds) sources_.remember(program, state_);
    take_note(record);
    if (program) {
      new_programs.push_back(program.get());
      proposed_.erase(program->id());
    }
  }
  state_.end_iteration(iteration.number);
  stop_rule_.end_iteration(iteration.number, state_.archive());
  SAMARA_TRY_STATUS(store_.append_iteration(iteration.number, iteration.records, new_programs,
                                            stats_json(iteration.number)));
  committed_ = iteration.number;
  if (iteration.number > 0) proposals_done_ += iteration.records.size();
  observe_({iteration.number, wall_seconds() - started_, proposals_done_, state_});
  return {};
}

Status Loop::plant(std::span<const Seed> seeds, Evaluator& evaluator) {
  Iteration iteration;
  std::vector<const Program*> programs;
  for (const Seed& seed : seeds) {
    Record record;
    record.slot = static_cast<std::uint32_t>(iteration.records.size());
    iteration.programs.push_back(std::make_shared<const Program>(seed.source));
    if (novelty_) novelty_->add(sketch_of(seed.source));
    record.program = iteration.programs.back()->id();
    record.note = "seed " + seed.name;
    programs.push_back(iteration.programs.back().get());
    iteration.pending.push_back(record.slot);
    iteration.records.push_back(std::move(record));
  }
  SAMARA_TRY(iteration.evaluations, evaluator.evaluate(programs));
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (const Failure* failure = std::get_if<Failure>(&iteration.evaluations[i])) {
      return make_error(
          ErrorCode::kInvalidData,
          "seed '{}' cannot be scored: {}: {}; a run needs a seed that works: improve it, or ask "
          "less of it",
          seeds[i].name, outcome_name(failure->outcome), failure->message);
    }
  }
  SAMARA_TRY_STATUS(commit(iteration));
  return draft_after(0);
}

/// Moves every iteration as far as it can go without waiting.
Status Loop::advance() {
  bool previous_recognized = true;
  for (const auto& iteration : under_way_) {
    if (iteration->number > options_.iterations) break;
    if (iteration->phase == Iteration::Phase::kMutating) {
      if (!begun(*iteration)) {
        if (options_.prepare) SAMARA_TRY_STATUS(options_.prepare(iteration->number));
        submit_mutation(*iteration);
      }
      if (iteration->tasks_left == 0) iteration->phase = Iteration::Phase::kProposed;
    }
    if (iteration->phase == Iteration::Phase::kProposed && previous_recognized) {
      recognize_duplicates(*iteration);
      submit_evaluation(*iteration);
      iteration->phase = Iteration::Phase::kEvaluating;
    }
    if (iteration->phase == Iteration::Phase::kEvaluating && iteration->tasks_left == 0) {
      iteration->phase = Iteration::Phase::kEvaluated;
    }
    previous_recognized = iteration->phase >= Iteration::Phase::kEvaluating;
  }
  return {};
}

Result<EvolutionEnd> Loop::run(const std::atomic<bool>& stop) {
  started_ = wall_seconds();
  while (!under_way_.empty() && under_way_.front()->number <= options_.iterations) {
    if (stop.load()) return EvolutionEnd::kStopped;
    if (stop_rule_.end()) return *stop_rule_.end();
    if (const Status status = advance(); !status.ok()) {
      if (status.error().code == ErrorCode::kCancelled && stop.load()) return EvolutionEnd::kStopped;
      return status.error();
    }
    Iteration& oldest = *under_way_.front();
    if (oldest.phase == Iteration::Phase::kEvaluated) {
      SAMARA_TRY_STATUS(commit(oldest));
      SAMARA_TRY_STATUS(draft_after(oldest.number));
      under_way_.pop_front();
      if (time_up()) return EvolutionEnd::kTimeUp;
      continue;
    }
    if (options_.stalled && options_.stalled() && time_up()) return EvolutionEnd::kTimeUp;
    constexpr double kStopCheckSeconds = 0.2;
    if (const std::optional<WorkerPool::Ended> ended = pool_->wait_one(kStopCheckSeconds)) {
      if (!ended->status.ok() && ended->status.error().code == ErrorCode::kCancelled) {
        return stop.load() ? EvolutionEnd::kStopped : EvolutionEnd::kSpent;
      }
      SAMARA_TRY_STATUS(ended->status);
      --under_way_[ended->order - under_way_.front()->number]->tasks_left;
    }
  }
  return stop_rule_.end().value_or(EvolutionEnd::kIterationsDone);
}

/// Times for people; see docs/formats/run-store.md.
std::string Loop::stats_json(std::uint32_t iteration) const {
  std::string more = options_.annotate && iteration > 0 ? options_.annotate(iteration) : "";
  if (stop_rule_.end()) {
    more += fmt::format(R"({}"stopped_early": "{}")", more.empty() ? "" : ", ", stop_rule_.reason());
  }
  return fmt::format(R"({{"seconds": {:.3f}, "process_cpu_seconds": {:.3f}{}{}}})", wall_seconds() - started_,
                     process_cpu_seconds(), more.empty() ? "" : ", ", more);
}

}  // namespace

Result<EvolutionEnd> evolve(RunStore& store, RunState& state, std::span<const Seed> seeds,
                            const EvolutionOptions& options, const WorkerFactory& factory,
                            const IterationObserver& observe, const std::atomic<bool>& stop) {
  Loop loop(store, state, options, observe);
  // The pool ends before the loop that its tasks write to.
  SAMARA_TRY(const std::unique_ptr<WorkerPool> pool, WorkerPool::start(options.workers, factory));
  loop.use(*pool);
  SAMARA_TRY_STATUS(loop.replay());
  if (loop.needs_seeds()) {
    SAMARA_TRY(const std::unique_ptr<Worker> gardener, factory());
    SAMARA_TRY_STATUS(loop.plant(seeds, gardener->evaluator()));
  }
  const Result<EvolutionEnd> end = loop.run(stop);
  if (options.abandon) options.abandon();
  return end;
}

}  // namespace samara
