// What holding diffs to the constraint costs: tokens per second of the bundled model on one thread, proposing
// children of a walker freely, held to Python, held to known names as well, and drawn anew where that came to
// nothing. Each parent has 32 children. The ratio of two lines is the cost; docs/mutation-diff.md has the
// figures.
#include <benchmark/benchmark.h>

#include "samara/base/check.h"
#include "samara/domain/sodarace/seeds.h"
#include "samara/mutation/diff/diff_operator.h"
#include "samara/pipeline/generators.h"
#include "samara/pipeline/run_models.h"

namespace samara {
namespace {

/// Counts the tokens of what ends.
class CountingSource : public lm::RequestSource {
 public:
  CountingSource(lm::RequestSource& source, std::int64_t& tokens) : source_(source), tokens_(tokens) {}
  std::vector<lm::GenerationRequest> take(std::size_t room) override { return source_.take(room); }
  void end(std::size_t number, Result<lm::Generation> generation) override {
    if (generation.ok()) tokens_ += static_cast<std::int64_t>(generation->tokens.size());
    source_.end(number, std::move(generation));
  }

 private:
  lm::RequestSource& source_;
  std::int64_t& tokens_;
};

class CountingGenerator : public lm::Generator {
 public:
  CountingGenerator(std::unique_ptr<lm::Generator> generator, std::int64_t& tokens)
      : generator_(std::move(generator)), tokens_(tokens) {}
  Result<std::vector<lm::Generation>> generate(std::span<const lm::GenerationRequest> requests) override {
    return generator_->generate(requests);
  }
  void serve(lm::RequestSource& source) override {
    CountingSource counting(source, tokens_);
    generator_->serve(counting);
  }

 private:
  std::unique_ptr<lm::Generator> generator_;
  std::int64_t& tokens_;
};

constexpr std::uint32_t kChildren = 32;  ///< of a parent; many, so that batches are full as they are in runs

enum Held { kFree, kToPython, kToNames, kDrawnAnew };

void BM_Propose(benchmark::State& state) {
  Result<lm::Model> model = lm::load_model(bundled_model());
  SAMARA_CHECK(model.ok());
  diff::DiffOptions options;
  options.function = "make_walker";
  options.known_names = {"walker_creator"};
  options.constrained = state.range(0) != kFree;
  options.constrain_names = state.range(0) >= kToNames;
  if (state.range(0) != kDrawnAnew) options.attempts = 1;
  std::int64_t tokens = 0;
  diff::DiffOperator mutation(
      diff::fixed_model(std::make_shared<const lm::Model>(std::move(model).value())),
      [&, make = cpu_generators()](
          std::shared_ptr<const lm::Model> m) -> Result<std::unique_ptr<lm::Generator>> {
        SAMARA_TRY(std::unique_ptr<lm::Generator> generator, make(std::move(m)));
        return std::unique_ptr<lm::Generator>(
            std::make_unique<CountingGenerator>(std::move(generator), tokens));
      },
      options);

  std::vector<Program> parents;
  for (const Seed& seed : sodarace::seed_programs()) parents.emplace_back(seed.source);
  std::uint32_t iteration = 0;
  std::int64_t proposals = 0;
  for (auto _ : state) {
    ++iteration;
    std::vector<MutationRequest> requests;
    for (std::uint32_t slot = 0; slot < kChildren * parents.size(); ++slot) {
      const Program& parent = parents[slot / kChildren];
      requests.push_back({&parent, &parent, slot % 3, Rng(1, iteration, slot, Stream::kMutate), iteration});
    }
    SAMARA_CHECK(mutation.propose(requests).ok());
    proposals += static_cast<std::int64_t>(requests.size());
  }
  state.SetItemsProcessed(tokens);
  state.counters["proposals/s"] =
      benchmark::Counter(static_cast<double>(proposals), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Propose)
    ->ArgName("held")
    ->Arg(kFree)
    ->Arg(kToPython)
    ->Arg(kToNames)
    ->Arg(kDrawnAnew)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace samara
