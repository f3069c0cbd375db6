#include "samara/pipeline/finetune.h"

#include <algorithm>
#include <cmath>

#include "samara/archive/archive.h"
#include "samara/mutation/diff/bare_program.h"
#include "samara/mutation/region_text.h"
#include "samara/pipeline/parts.h"

namespace samara {
namespace {

/// The share of the gain in what there is now; see accepted_diffs().
float impact_of(const InsertResult& result, double fitness) {
  constexpr double kSmallest = 0.05;
  if (result.new_niche) return 1.0F;
  const double former = fitness - result.improvement;
  const double size = std::abs(fitness) + std::abs(former);
  return static_cast<float>(std::clamp(size > 0.0 ? result.improvement / size : 0.0, kSmallest, 1.0));
}

/// Better for models tuned on millions of tokens of walkers than what suits the pretrained one:
/// docs/reproduce.md.
constexpr lm::SamplingAdvice kTunedSampling = {1.0, 0.95};

}  // namespace

Result<std::vector<Commit>> accepted_diffs(RunStore& store, const RunSpec& spec, const Domain& domain,
                                           std::shared_ptr<const NicheMap> niche_map, std::uint32_t until,
                                           DiffWeight weight) {
  struct Accepted {
    ProgramId parent, child;
    std::string message;
    float weight;
  };
  const std::vector<diff::Message> messages = diff_messages(spec);
  std::vector<double> probabilities;
  for (const diff::Message& message : messages) probabilities.push_back(message.weight);
  const std::vector<std::string>& arms = store.description().arms;
  const std::string function = function_of(spec, domain);

  Archive archive(std::move(niche_map), spec.qd_offset);
  std::vector<Accepted> accepted;
  SAMARA_TRY_STATUS(store.for_each_record([&](const Record& record, std::uint32_t program_size) -> Status {
    if (!is_scored(record.outcome) || record.iteration > until) return {};
    const InsertResult result = archive.insert(record, program_size);
    if (!result.accepted || record.parents.size() != 1) return {};
    std::string message = record.note;
    if (!arms.at(record.arm).starts_with("diff.")) {
      Rng rng(spec.rng_seed, record.iteration, record.slot, Stream::kTrain);
      message = diff::filled_in(messages[rng.weighted(probabilities)].text, function);
    }
    const float weighs = weight == DiffWeight::kImpact ? impact_of(result, record.score->fitness) : 1.0F;
    accepted.push_back({record.parents[0], *record.program, std::move(message), weighs});
    return {};
  }));
  std::vector<Commit> commits;
  const auto shown = [&](const std::string& program) {
    return spec.comments ? program : diff::bare_program(program).source;
  };
  for (const Accepted& a : accepted) {
    SAMARA_TRY(const std::string before, store.program_source(a.parent));
    SAMARA_TRY(const std::string after, store.program_source(a.child));
    if (spec.domain != "task") {
      commits.push_back({shown(before), a.message, shown(after), a.weight});
      continue;
    }
    for (const RegionEdit& edit : region_edits(before, after, kPythonSuffix)) {
      commits.push_back({shown(edit.before), a.message, shown(edit.after), a.weight});
    }
  }
  return commits;
}

Result<std::optional<lm::Model>> finetune(const lm::Model& start, std::span<const Commit> commits,
                                          const FinetuneOptions& options, const std::filesystem::path& job,
                                          const std::function<void(const lm::TrainingProgress&)>& observe,
                                          const std::atomic<bool>& stop) {
  SAMARA_TRY(const diff::DiffCodec codec, diff::DiffCodec::make(start.tokenizer));
  ExampleOptions example_options;
  example_options.seed = options.seed;
  example_options.max_tokens = std::min<std::size_t>(options.max_tokens, start.config.max_positions);
  example_options.validation_share = 0.05;
  example_options.max_validation = 500;
  ExampleBuilder builder(codec, example_options);
  for (const Commit& commit : commits) SAMARA_TRY_STATUS(builder.add(commit));
  DiffExamples examples = builder.take();
  if (examples.training.empty()) return std::optional<lm::Model>();
  lm::TrainingJob training{start, std::move(examples.training), std::move(examples.validation), {}};
  training.options.seed = options.seed;
  training.options.tokens = options.tokens;
  training.options.learning_rate = options.learning_rate;
  // The other rate follows in proportion.
  training.options.muon_learning_rate *= options.learning_rate / lm::TrainingOptions{}.learning_rate;
  training.options.threads = options.threads;
  SAMARA_TRY_STATUS(lm::write_training_job(job, training));
  SAMARA_TRY(lm::Model tuned, lm::run_training(job, observe, stop));
  tuned.sampling = kTunedSampling;
  return std::optional(std::move(tuned));
}

}  // namespace samara
