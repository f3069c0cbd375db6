#include "samara/pipeline/run.h"

#include <thread>

#include "samara/domain/task/task_domain.h"
#include "samara/domain/task/task_folder.h"
#include "samara/evolve/fold_log.h"
#include "samara/pipeline/finetune.h"
#include "samara/pipeline/parts.h"
#include "samara/pipeline/prompt_parts.h"
#include "samara/pipeline/provenance.h"

namespace samara {
namespace {

/// The run's own copy of its task, from which it runs.
std::filesystem::path task_folder(const std::filesystem::path& folder) {
  return folder / "task";
}

/// The spec with everything in it that a later version or another folder could take differently: every arm's
/// weight, where a seed that is a file stands, and the run's own copy of its model.
RunSpec resolve(RunSpec spec, const Domain& domain, const std::filesystem::path& folder) {
  for (const ArmWeight& arm : arm_weights(spec)) spec.weights.emplace(arm.name, arm.weight);
  spec.adaptive = spec.adapts();
  if (spec.has_operator("diff")) {
    spec.model = std::filesystem::absolute(RunModels(folder, spec).folder_of(0)).string();
  }
  if (!spec.task.empty()) spec.task = std::filesystem::absolute(spec.task).lexically_normal().string();
  if (spec.has_operator("prompt")) {
    spec.prompt.templates = std::filesystem::absolute(prompt_folder(folder)).string();
  }
  if (!spec.prompt.ca_file.empty()) {
    spec.prompt.ca_file = std::filesystem::absolute(spec.prompt.ca_file).string();
  }
  if (!is_named_seed(spec, domain)) spec.seed = std::filesystem::absolute(spec.seed).string();
  return spec;
}

}  // namespace

std::string run_digest(const Sha256Digest& log, const Archive& archive) {
  const auto bytes = [](const Sha256Digest& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  const Sha256Digest both = Sha256().add(bytes(log)).add(bytes(archive.digest())).finish();
  return to_hex(both.data(), both.size());
}

Run::Run(RunSpec spec, RunStore store, std::unique_ptr<Domain> domain,
         std::shared_ptr<const NicheMap> niche_map, ArmMixture mixture)
    : spec_(std::move(spec)),
      store_(std::move(store)),
      domain_(std::move(domain)),
      niche_map_(std::move(niche_map)),
      models_(std::make_shared<RunModels>(store_.folder(), spec_)),
      mixture_(std::move(mixture)) {}

Result<Run> Run::create(const std::filesystem::path& folder, const RunSpec& spec) {
  SAMARA_TRY_STATUS(validate(spec));
  SAMARA_TRY(std::unique_ptr<Domain> domain, load_domain(spec, spec.task));
  SAMARA_TRY(std::shared_ptr<const NicheMap> niche_map, make_niche_map(spec, *domain));
  SAMARA_TRY(ArmMixture mixture, make_mixture(spec));
  SAMARA_TRY_STATUS(check_operators(spec, *domain));
  const Result<std::vector<Seed>> seeds = find_seeds(spec, *domain);
  if (!seeds.ok()) return seeds.error();
  for (const Seed& seed : *seeds) {
    if (!spec.task.empty()) SAMARA_TRY_STATUS(task::check_markers(seed));
  }
  const RunSpec resolved = resolve(spec, *domain, folder);
  // Before the store, so that a run that is there has its model whenever the process was killed.
  if (spec.has_operator("diff") && !RunStore::is_in(folder)) {
    SAMARA_TRY(const lm::Model model, RunModels::find(spec));
    const std::filesystem::path copy = RunModels(folder, spec).folder_of(0);
    SAMARA_TRY_STATUS(lm::save_model(model, copy));
    SAMARA_TRY_STATUS(copy_provenance(RunModels::start_folder(spec), copy));
  }
  if (!spec.task.empty() && !RunStore::is_in(folder)) {
    SAMARA_TRY_STATUS(task::copy_task(spec.task, task_folder(folder)));
    SAMARA_TRY(domain, load_domain(spec, task_folder(folder)));
  }
  if (spec.has_operator("prompt") && !RunStore::is_in(folder)) SAMARA_TRY_STATUS(keep_prompts(spec, folder));
  RunDescription description{write_spec(resolved), arm_names(resolved), SAMARA_VERSION};
  if (!spec.task.empty() && !RunStore::is_in(folder)) {
    SAMARA_TRY(description.task_files, task::digest_files(task_folder(folder)));
  }
  SAMARA_TRY(RunStore store, RunStore::create(folder, description));
  return Run(resolved, std::move(store), std::move(domain), std::move(niche_map), std::move(mixture));
}

Result<Run> Run::create_replay(const std::filesystem::path& folder, const std::filesystem::path& from) {
  RunSpec spec;
  {
    SAMARA_TRY(Run old, open(from, Access::kRead));
    SAMARA_TRY_STATUS(old.check_models());
    spec = old.spec_;
    SAMARA_TRY(const std::optional<std::uint32_t> last, old.store_.last_iteration());
    if (!spec.has_operator("prompt") || last.value_or(0) == 0) {
      return make_error(
          ErrorCode::kInvalidArgument,
          "the run in {} has no replies to replay: its operator is '{}' and it has {} iterations",
          from.string(), spec.operator_name, last.value_or(0));
    }
    spec.iterations = *last;
  }
  if (RunStore::is_in(folder)) {
    return make_error(ErrorCode::kAlreadyExists, "{} holds a run already; name another folder for the replay",
                      folder.string());
  }
  spec.prompt.templates = prompt_folder(from).string();
  if (spec.has_operator("diff")) spec.model = RunModels(from, spec).folder_of(0).string();
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return make_error(ErrorCode::kIo, "cannot make the folder {}: {}", folder.string(), failure.message());
  SAMARA_TRY_STATUS(ReplyJournal::copy(from, folder));
  return create(folder, spec);
}

Result<Run> Run::open(const std::filesystem::path& folder, Access access) {
  SAMARA_TRY(RunStore store, RunStore::open(folder, access));
  RunSpec spec;
  const std::string spec_name = (folder / "run.toml").string();
  Status status = read_spec(store.description().spec, spec_name, spec);
  if (status.ok()) status = validate(spec);
  if (!status.ok()) {
    return make_error(ErrorCode::kInvalidData, "the stored spec cannot be used: {}", status.error().message);
  }
  if (arm_names(spec) != store.description().arms) {
    return make_error(
        ErrorCode::kUnsupported,
        "{} was made by samara {}, whose operator '{}' had other arms; use that version for this run",
        folder.string(), store.description().samara_version, spec.operator_name);
  }
  SAMARA_TRY(std::unique_ptr<Domain> domain, load_domain(spec, task_folder(folder)));
  SAMARA_TRY(std::shared_ptr<const NicheMap> niche_map, make_niche_map(spec, *domain));
  SAMARA_TRY(ArmMixture mixture, make_mixture(spec));
  Run run(std::move(spec), std::move(store), std::move(domain), std::move(niche_map), std::move(mixture));
  if (access == Access::kWrite) {
    SAMARA_TRY_STATUS(run.check_task());
    SAMARA_TRY_STATUS(run.check_models());
  }
  return run;
}

Status Run::check_task() const {
  const std::filesystem::path task = task_folder(store_.folder());
  const Status status = task::check_files(task, store_.description().task_files);
  if (status.ok()) return {};
  return make_error(status.error().code,
                    "{}, and scores of before and after would not compare; put it back, or start a new run: "
                    "samara evolve {} --run NEW",
                    status.error().message, task.string());
}

Status Run::check_models() {
  if (!spec_.has_operator("diff")) return {};
  SAMARA_TRY(const auto recorded, recorded_models(store_));
  return models_->check(recorded);
}

RunState Run::empty_state() const {
  return RunState(niche_map_, mixture_, spec_.qd_offset, island_options(spec_));
}

Result<RunState> Run::state() {
  RunState state = empty_state();
  SAMARA_TRY_STATUS(fold_log(store_, state, {}));
  return state;
}

Result<EvolutionEnd> Run::evolve(RunState& state, const Limits& limits, const IterationObserver& observe,
                                 const std::atomic<bool>& stop, const TrainingObserver& observe_training,
                                 const endpoint::Client::Observer& observe_prompt) {
  EvolutionOptions options;
  options.emitter = {spec_.rng_seed, spec_.batch, spec_.children_per_parent, spec_.tournament,
                     baseline_of(spec_)};
  options.lag = spec_.lag;
  options.novelty = spec_.novelty;
  options.stop = limits.stop;
  options.iterations = limits.iterations;
  options.max_seconds = limits.max_seconds;
  options.workers = limits.workers > 0 ? limits.workers : std::max(1u, std::thread::hardware_concurrency());

  std::vector<Seed> seeds;  // only an empty log needs them
  SAMARA_TRY(const std::optional<std::uint32_t> last, store_.last_iteration());
  if (!last) {
    SAMARA_TRY(seeds, find_seeds(spec_, *domain_));
  }
  if (spec_.domain == "task") options.evaluation_chunk = 1;
  RunSpec spec = spec_;
  spec.allow_uncontained |= limits.allow_uncontained;
  if (spec_.has_operator("diff")) {
    options.prepare = [&](std::uint32_t iteration) {
      return prepare(iteration, limits, observe_training, stop);
    };
    options.annotate = [&](std::uint32_t iteration) {
      return fmt::format(R"("model": {}, "model_digest": "{}")", models_->generation_of(iteration),
                         models_->digest_of(iteration));
    };
  }
  OperatorFactory make_prompt;
  std::unique_ptr<ModelSchedule> schedule;
  if (spec_.has_operator("prompt")) {
    if (limits.adjust_prompt) limits.adjust_prompt(spec.prompt);
    SAMARA_TRY_STATUS(validate_prompt(spec.prompt));
    SAMARA_TRY(prompt::PromptOptions prompt_parts, prompt_options(spec, *domain_, store_.folder()));
    SAMARA_TRY(correspondence_,
               open_correspondence(spec.prompt, store_.folder(), limits.replay, observe_prompt, stop));
    schedule = std::make_unique<ModelSchedule>(spec_.prompt);
    options.context = {spec_.prompt.inspirations, spec_.prompt.lineage};
    options.abandon = [this] { correspondence_->cancel(); };
    options.stalled = [this] { return !correspondence_->figures().paused.empty(); };
    options.prepare = [this, before = options.prepare,
                       learner = schedule.get()](std::uint32_t iteration) -> Status {
      if (before) SAMARA_TRY_STATUS(before(iteration));
      const std::uint32_t until = iteration - 1 - std::min(spec_.lag, iteration - 1);
      return learner->fold_until(iteration, until, store_, correspondence_->journal());
    };
    make_prompt = [this, prompt_parts, learner = schedule.get()] {
      const auto pick = [learner](std::uint32_t iteration, Rng& rng) {
        return learner->pick(iteration, rng);
      };
      return std::make_unique<prompt::PromptOperator>(correspondence_, pick, prompt_parts);
    };
  }
  Result<EvolutionEnd> end =
      samara::evolve(store_, state, seeds, options, make_worker_factory(spec, *domain_, models_, make_prompt),
                     observe, stop);
  correspondence_.reset();
  return end;
}

std::optional<prompt::Correspondence::Figures> Run::prompt_figures() const {
  if (!correspondence_) return std::nullopt;
  return correspondence_->figures();
}

Status Run::prepare(std::uint32_t iteration, const Limits& limits, const TrainingObserver& observe,
                    const std::atomic<bool>& stop) {
  const std::uint32_t generation = models_->generation_of(iteration);
  if (generation > 0 && models_->lacks_model_for(iteration)) {
    SAMARA_TRY_STATUS(train(generation, limits, observe, stop));
  }
  const auto model = models_->model_for(iteration);
  return model.ok() ? Status() : model.error();
}

Status Run::train(std::uint32_t generation, const Limits& limits, const TrainingObserver& observe,
                  const std::atomic<bool>& stop) {
  // All that is sure to be in the log by now; the first iteration of a generation asks for it.
  const std::uint32_t first = generation * spec_.finetune_every + 1;
  const std::uint32_t until = first - 1 - std::min(spec_.lag, first - 1);
  SAMARA_TRY(const AcceptedDiffs accepted, accepted_diffs(store_, spec_, *domain_, niche_map_, until));
  const std::uint32_t before = first - spec_.finetune_every;  // of the generation that is trained further
  SAMARA_TRY_STATUS(prepare(before, limits, observe, stop));
  SAMARA_TRY(const std::shared_ptr<const lm::Model> start, models_->model_for(before));
  FinetuneOptions options;
  options.seed = spec_.rng_seed + generation;
  options.tokens = spec_.finetune_tokens;
  options.learning_rate = spec_.finetune_rate;
  options.threads = static_cast<int>(limits.workers > 0 ? limits.workers
                                                        : std::max(1u, std::thread::hardware_concurrency()));
  const std::filesystem::path job = models_->folder_of(generation).string() + ".training";
  const auto report = [&](const lm::TrainingProgress& progress) {
    if (observe) observe(generation, progress);
  };
  SAMARA_TRY(const std::optional<lm::Model> tuned,
             finetune(*start, accepted.commits, options, job, report, stop));
  const std::filesystem::path folder = models_->folder_of(generation);
  if (tuned) {
    SAMARA_TRY_STATUS(save_tuned(*tuned, *start, {accepted.run}, options, folder));
  } else {
    SAMARA_TRY_STATUS(lm::save_model(*start, folder));
    SAMARA_TRY_STATUS(copy_provenance(models_->folder_of(generation - 1), folder));
  }
  std::error_code ignored;
  std::filesystem::remove_all(job, ignored);  // the model is all that is needed of it
  return {};
}

Result<std::string> Run::digest(const RunState& state) {
  SAMARA_TRY(const Sha256Digest log, store_.digest());
  return run_digest(log, state.archive());
}

}  // namespace samara
