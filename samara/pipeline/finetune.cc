#include "samara/pipeline/finetune.h"

#include <algorithm>
#include <cmath>

#include "samara/archive/archive.h"
#include "samara/mutation/diff/bare_program.h"
#include "samara/mutation/region_text.h"
#include "samara/pipeline/parts.h"
#include "samara/pipeline/run.h"
#include "samara/store/digest.h"

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

/// "gp" of "gp.constant".
std::string operator_of(const std::string& arm) {
  return arm.substr(0, arm.find('.'));
}

}  // namespace

Result<AcceptedDiffs> accepted_diffs(RunStore& store, const RunSpec& spec, const Domain& domain,
                                     std::shared_ptr<const NicheMap> niche_map, std::uint32_t until,
                                     DiffWeight weight) {
  struct Accepted {
    ProgramId parent, child;
    std::string message, made_by;
    float weight;
  };
  const std::vector<diff::Message> messages = diff_messages(spec);
  std::vector<double> probabilities;
  for (const diff::Message& message : messages) probabilities.push_back(message.weight);
  const std::vector<std::string>& arms = store.description().arms;
  const std::string function = function_of(spec, domain);

  Archive archive(std::move(niche_map), spec.qd_offset);
  std::vector<Accepted> accepted;
  AcceptedDiffs diffs;
  diffs.run.operator_name = spec.operator_name;
  Sha256 log;
  SAMARA_TRY_STATUS(store.for_each_record([&](const Record& record, std::uint32_t program_size) -> Status {
    if (record.iteration > until) return {};
    digest_record(log, record);
    diffs.run.until = record.iteration;
    if (!is_scored(record.outcome)) return {};
    const InsertResult result = archive.insert(record, program_size);
    if (!result.accepted || record.parents.size() != 1) return {};
    std::string message = record.note;
    std::string made_by = operator_of(arms.at(record.arm));
    if (made_by != "diff") {
      Rng rng(spec.rng_seed, record.iteration, record.slot, Stream::kTrain);
      message = diff::filled_in(messages[rng.weighted(probabilities)].text, function);
    }
    const float weighs = weight == DiffWeight::kImpact ? impact_of(result, record.score->fitness) : 1.0F;
    accepted.push_back({record.parents[0], *record.program, std::move(message), std::move(made_by), weighs});
    return {};
  }));
  diffs.run.digest = run_digest(log.finish(), archive);
  const auto add = [&](const Accepted& a, const std::string& before, const std::string& after) {
    diffs.commits.push_back({before, a.message, after, a.weight});
    ++diffs.run.commits[a.made_by];
  };
  const auto shown = [&](const std::string& program) {
    return spec.comments ? program : diff::bare_program(program).source;
  };
  for (const Accepted& a : accepted) {
    SAMARA_TRY(const std::string before, store.program_source(a.parent));
    SAMARA_TRY(const std::string after, store.program_source(a.child));
    if (spec.domain != "task") {
      add(a, shown(before), shown(after));
      continue;
    }
    for (const RegionEdit& edit : region_edits(before, after, kPythonSuffix)) {
      add(a, shown(edit.before), shown(edit.after));
    }
  }
  return diffs;
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
  training.options.device = options.device;
  training.options.threads = options.threads;
  SAMARA_TRY_STATUS(lm::write_training_job(job, training));
  SAMARA_TRY(lm::Model tuned, lm::run_training(job, observe, stop));
  tuned.sampling = kTunedSampling;
  return std::optional(std::move(tuned));
}

}  // namespace samara
