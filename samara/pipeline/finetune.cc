#include "samara/pipeline/finetune.h"

#include <algorithm>
#include <cmath>

#include "samara/archive/archive.h"
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

/// The message that says what an edit of an arm of genetic programming is: "diff.parameters" of numbers,
/// "diff.change" of statements made anew, else "diff.small". Drawn at the paper's probabilities the three
/// come about as often as the arms do by default, whatever share of each is accepted.
std::string_view told_by(std::string_view arm) {
  if (arm == "gp.constant") return "diff.parameters";
  if (arm == "gp.grow" || arm == "gp.insert" || arm == "gp.crossover") return "diff.change";
  return "diff.small";
}

/// The message for an edit that was made without one: the one that says what it is, where `messages` has it,
/// else one drawn with their probabilities.
const diff::Message& message_for(std::string_view arm, std::span<const diff::Message> messages, Rng rng) {
  if (arm.starts_with("gp.")) {
    for (const diff::Message& message : messages) {
      if (message.arm == told_by(arm)) return message;
    }
  }
  std::vector<double> probabilities;
  for (const diff::Message& message : messages) probabilities.push_back(message.weight);
  return messages[rng.weighted(probabilities)];
}

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
  const std::vector<std::string>& arms = store.description().arms;
  const std::string function = function_of(spec, domain);

  Archive archive(std::move(niche_map), spec.qd_offset);
  std::vector<Accepted> accepted;
  SAMARA_TRY_STATUS(store.for_each_record([&](const Record& record, std::uint32_t program_size) -> Status {
    if (!is_scored(record.outcome) || record.iteration > until) return {};
    const InsertResult result = archive.insert(record, program_size);
    if (!result.accepted || record.parents.size() != 1) return {};
    std::string message = record.note;
    if (const std::string& arm = arms.at(record.arm); !arm.starts_with("diff.")) {
      const Rng rng(spec.rng_seed, record.iteration, record.slot, Stream::kTrain);
      message = diff::filled_in(message_for(arm, messages, rng).text, function);
    }
    const float weighs = weight == DiffWeight::kImpact ? impact_of(result, record.score->fitness) : 1.0F;
    accepted.push_back({record.parents[0], *record.program, std::move(message), weighs});
    return {};
  }));
  std::vector<Commit> commits;
  for (Accepted& a : accepted) {
    SAMARA_TRY(std::string before, store.program_source(a.parent));
    SAMARA_TRY(std::string after, store.program_source(a.child));
    if (spec.domain != "task") {
      commits.push_back({std::move(before), std::move(a.message), std::move(after), a.weight});
      continue;
    }
    for (RegionEdit& edit : region_edits(before, after, kPythonSuffix)) {
      commits.push_back({std::move(edit.before), a.message, std::move(edit.after), a.weight});
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
  return std::optional(std::move(tuned));
}

}  // namespace samara
