#include "samara/pipeline/parts.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "samara/archive/cvt_map.h"
#include "samara/archive/growing_grid_map.h"
#include "samara/base/file.h"
#include "samara/domain/task/task_domain.h"
#include "samara/mutation/composite_operator.h"
#include "samara/mutation/gp/gp_operator.h"
#include "samara/mutation/region_operator.h"
#include "samara/mutation/text/text_operator.h"
#include "samara/pipeline/generators.h"
#include "samara/pipeline/prompt_parts.h"

namespace samara {
namespace {

constexpr std::size_t kOperatorHarness = kDomainHarness + 1;

gp::Preset gp_preset(std::string_view operator_name) {
  return operator_name == "gp-node" ? gp::Preset::kNode : gp::Preset::kFull;
}

bool has_python(const task::TaskSpec& task) {
  return std::any_of(task.program.begin(), task.program.end(),
                     [](const std::string& file) { return file.ends_with(kPythonSuffix); });
}

const task::TaskDomain* as_task(const RunSpec& spec, const Domain& domain) {
  return spec.domain == "task" ? static_cast<const task::TaskDomain*>(&domain) : nullptr;
}

diff::DiffOptions diff_options(const RunSpec& spec, const Domain& domain) {
  diff::DiffOptions options;
  options.messages = diff_messages(spec);
  options.function = function_of(spec, domain);
  if (as_task(spec, domain) == nullptr) {
    options.known_names = {"walker_creator", "query_cppn", options.function};
  }
  options.sampling = {spec.temperature, spec.top_p};
  options.max_tokens = spec.max_tokens;
  options.window_tokens = spec.window_tokens;
  options.constrained = spec.constrained;
  options.constrain_names = spec.constrain_names;
  options.comments = spec.comments;
  options.attempts = spec.attempts;
  return options;
}

/// Of the files that the operator edits.
std::string_view edited_suffix(std::string_view operator_name) {
  return operator_name == "text" ? "" : kPythonSuffix;
}

/// The operators that the spec names, as one.
std::unique_ptr<MutationOperator> make_operator(const RunSpec& spec, const Domain& domain,
                                                PythonRunner& runner,
                                                const std::shared_ptr<diff::ModelSource>& models,
                                                const diff::GeneratorFactory& make_generator,
                                                const OperatorFactory& make_prompt) {
  std::vector<std::unique_ptr<MutationOperator>> parts;
  for (const std::string& name : spec.operators()) {
    std::unique_ptr<MutationOperator> part;
    if (name == "diff") {
      part = std::make_unique<diff::DiffOperator>(models, make_generator, diff_options(spec, domain));
    } else if (name == "prompt") {
      parts.push_back(make_prompt());
      continue;
    } else if (name == "text") {
      part = std::make_unique<text::TextOperator>();
    } else {
      part = std::make_unique<gp::GpOperator>(gp_preset(name), runner, kOperatorHarness);
    }
    // None of these knows of EVOLVE-BLOCKs.
    if (spec.domain == "task")
      part = std::make_unique<RegionOperator>(std::move(part), std::string(edited_suffix(name)));
    parts.push_back(std::move(part));
  }
  return std::make_unique<CompositeOperator>(std::move(parts));
}

std::vector<BehaviorAxis> axes_of(const Domain& domain) {
  std::vector<BehaviorAxis> axes;
  for (const BehaviorDimension& dimension : domain.behavior_dimensions()) {
    axes.push_back({dimension.name, dimension.low, dimension.high});
  }
  return axes;
}

/// A cost named for an operator holds for its arms; one named for an arm goes before it.
Status set_costs(const RunSpec& spec, std::vector<ArmWeight>& arms) {
  for (const auto& [name, cost] : spec.costs) {
    bool known = false;
    for (ArmWeight& arm : arms) {
      const bool by_operator = arm.name.starts_with(name + ".");
      known |= by_operator || arm.name == name;
      if (arm.name == name || (by_operator && !spec.costs.contains(arm.name))) arm.cost = cost;
    }
    if (known) continue;
    return make_error(ErrorCode::kInvalidArgument,
                      "costs names '{}', which is neither an arm nor an operator of '{}'; its arms are {}",
                      name, spec.operator_name, fmt::join(arm_names(spec), ", "));
  }
  return {};
}

class LocalWorker : public Worker {
 public:
  LocalWorker(std::unique_ptr<PythonRunner> runner, std::unique_ptr<Evaluator> evaluator,
              std::unique_ptr<MutationOperator> mutation)
      : runner_(std::move(runner)), evaluator_(std::move(evaluator)), mutation_(std::move(mutation)) {}

  MutationOperator& mutation() override { return *mutation_; }
  Evaluator& evaluator() override { return *evaluator_; }

 private:
  std::unique_ptr<PythonRunner> runner_;
  std::unique_ptr<Evaluator> evaluator_;
  std::unique_ptr<MutationOperator> mutation_;
};

}  // namespace

std::vector<diff::Message> diff_messages(const RunSpec& spec) {
  std::vector<diff::Message> messages;
  const std::vector<diff::Message> paper = diff::paper_messages();
  for (const auto& [name, text] : spec.messages) {
    diff::Message message{"diff." + name, text, 1.0};
    for (const diff::Message& known : paper) {
      if (known.arm == message.arm) message.weight = known.weight;
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

std::string function_of(const RunSpec& spec, const Domain& domain) {
  const task::TaskDomain* task = as_task(spec, domain);
  return task != nullptr ? task->function_name() : sodarace::SodaraceDomain::harness().entry;
}

std::unique_ptr<sodarace::SodaraceDomain> make_domain(const RunSpec& spec) {
  sodarace::SodaraceOptions options;
  options.simulator = spec.simulator;
  options.robust_replays = spec.robust_replays;
  options.robust_aggregate =
      spec.robust_aggregate == "mean" ? sodarace::RobustAggregate::kMean : sodarace::RobustAggregate::kWorst;
  return std::make_unique<sodarace::SodaraceDomain>(options);
}

Result<std::unique_ptr<Domain>> load_domain(const RunSpec& spec, const std::filesystem::path& task_folder) {
  if (spec.domain != "task") return std::unique_ptr<Domain>(make_domain(spec));
  SAMARA_TRY(auto task, task::TaskDomain::load(task_folder));
  return std::unique_ptr<Domain>(std::move(task));
}

Status check_operators(const RunSpec& spec, const Domain& domain) {
  const task::TaskDomain* task = as_task(spec, domain);
  if (!task) return {};
  for (const std::string& name : spec.operators()) {
    const bool edits_python = name == "gp" || name == "gp-node" || name == "diff";
    if (has_python(task->spec()) || !edits_python) continue;
    return make_error(
        ErrorCode::kInvalidArgument,
        "operator '{}' edits Python, but the programs of {} are {}; take --operator text, which "
        "edits any language, or prompt",
        name, domain.name(), task->spec().language);
  }
  return {};
}

RunSpec task_defaults(const task::TaskSpec& task) {
  RunSpec spec;
  spec.domain = "task";
  spec.seed.clear();
  spec.operator_name = has_python(task) ? "gp" : "text";
  // Evaluations of tasks are few and slow next to those of robots.
  spec.batch = 16;
  spec.bins.clear();
  return spec;
}

Result<std::shared_ptr<const NicheMap>> make_niche_map(const RunSpec& spec, const Domain& domain) {
  const std::vector<BehaviorAxis> axes = axes_of(domain);
  const std::span<const BehaviorDimension> dimensions = domain.behavior_dimensions();
  const auto grows =
      std::find_if(dimensions.begin(), dimensions.end(), [](const auto& d) { return d.grows; });
  if (spec.map == "cvt") {
    if (grows != dimensions.end()) {
      return make_error(
          ErrorCode::kInvalidArgument,
          "archive.map cvt needs the range of every behavior dimension, and '{}' of {} has none; give it "
          "low and high, or take the grid",
          grows->name, domain.name());
    }
    // The centroids do not follow rng_seed: runs with different seeds fill the same niches.
    CvtOptions options;
    options.cells = spec.niches;
    return std::shared_ptr<const NicheMap>(std::make_shared<CvtMap>(axes, options));
  }
  std::vector<std::uint32_t> bins = spec.bins;
  if (bins.empty()) {
    for (const BehaviorDimension& dimension : dimensions) bins.push_back(std::max(1u, dimension.bins));
  }
  if (bins.size() != axes.size()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "archive.bins has {} numbers, but {} has {} behavior dimensions", spec.bins.size(),
                      domain.name(), axes.size());
  }
  if (grows == dimensions.end()) {
    std::vector<GridAxis> grid;
    for (std::size_t i = 0; i < axes.size(); ++i) grid.push_back({axes[i], bins[i]});
    return std::shared_ptr<const NicheMap>(std::make_shared<GridMap>(grid));
  }
  std::vector<GrowingAxis> grid;
  for (std::size_t i = 0; i < axes.size(); ++i) grid.push_back({{axes[i], bins[i]}, dimensions[i].grows});
  return std::shared_ptr<const NicheMap>(std::make_shared<GrowingGridMap>(grid));
}

std::vector<ArmWeight> arm_weights(const RunSpec& spec) {
  std::vector<ArmWeight> arms;
  for (const std::string& name : spec.operators()) {
    const std::vector<ArmWeight> more = name == "diff"     ? diff::arm_weights(diff_messages(spec))
                                        : name == "prompt" ? prompt_arm_weights(spec)
                                        : name == "text"   ? text::default_weights()
                                                           : gp::default_weights(gp_preset(name));
    // Operators that are mixed start with equal shares.
    double total = 0.0;
    for (const ArmWeight& arm : more) total += arm.weight;
    const double scale = spec.operators().size() == 1 ? 1.0 : 1.0 / total;
    for (const ArmWeight& arm : more) arms.push_back({arm.name, scale * arm.weight});
  }
  return arms;
}

std::vector<std::string> arm_names(const RunSpec& spec) {
  std::vector<std::string> names;
  for (const ArmWeight& arm : arm_weights(spec)) names.push_back(arm.name);
  return names;
}

Result<ArmMixture> make_mixture(const RunSpec& spec) {
  std::vector<ArmWeight> arms = arm_weights(spec);
  double total = 0.0;
  for (const auto& [name, weight] : spec.weights) {
    const auto arm =
        std::find_if(arms.begin(), arms.end(), [&](const ArmWeight& a) { return a.name == name; });
    if (arm == arms.end()) {
      return make_error(ErrorCode::kInvalidArgument,
                        "weights names the arm '{}', which operator '{}' does not have; its arms are {}",
                        name, spec.operator_name, fmt::join(arm_names(spec), ", "));
    }
    arm->weight = weight;
  }
  SAMARA_TRY_STATUS(set_costs(spec, arms));
  for (const ArmWeight& arm : arms) total += arm.weight;
  if (total <= 0.0)
    return make_error(ErrorCode::kInvalidArgument, "weights turns every arm of operator '{}' off",
                      spec.operator_name);
  return spec.adapts() ? ArmMixture::adaptive(arms) : ArmMixture::fixed(arms);
}

IslandOptions island_options(const RunSpec& spec) {
  return {spec.islands, spec.batch, spec.migration_interval, spec.migration_rate, spec.rng_seed};
}

Baseline baseline_of(const RunSpec& spec) {
  if (spec.baseline == "iid") return Baseline::kIid;
  return spec.baseline == "sequential" ? Baseline::kSequential : Baseline::kNone;
}

StopOptions stop_options(const RunSpec& spec) {
  return {spec.target_fitness, spec.patience,
          spec.patience_metric == "max_fitness" ? StopOptions::Metric::kMaxFitness
                                                : StopOptions::Metric::kQdScore,
          spec.patience_gain};
}

bool is_named_seed(const RunSpec& spec, const Domain& domain) {
  if (spec.seed.empty()) return true;
  const std::span<const Seed> seeds = domain.seeds();
  return std::any_of(seeds.begin(), seeds.end(), [&](const Seed& seed) { return seed.name == spec.seed; });
}

Result<std::vector<Seed>> find_seeds(const RunSpec& spec, const Domain& domain) {
  if (spec.seed.empty()) return std::vector<Seed>(domain.seeds().begin(), domain.seeds().end());
  std::vector<std::string> names;
  for (const Seed& seed : domain.seeds()) {
    if (seed.name == spec.seed) return std::vector<Seed>{seed};
    names.push_back(seed.name);
  }
  constexpr std::size_t kLargestSeed = std::size_t{1} << 20;
  const task::TaskDomain* task = as_task(spec, domain);
  Result<std::string> source = task ? task->read_program(spec.seed) : read_file(spec.seed, kLargestSeed);
  if (source.ok()) return std::vector<Seed>{{spec.seed, std::move(source).value()}};
  if (source.error().code != ErrorCode::kNotFound) return source.error();
  return make_error(ErrorCode::kNotFound, "seed '{}' is neither a seed of {} ({}) nor a file", spec.seed,
                    domain.name(), fmt::join(names, ", "));
}

Result<std::unique_ptr<PythonRunner>> start_runner(const RunSpec& spec) {
  PythonRunner::Options options;
  // A task's programs run elsewhere; its place is kept, so that what follows has the same index.
  options.harnesses = {spec.domain == "task" ? gp::harness() : sodarace::SodaraceDomain::harness(),
                       gp::harness()};
  options.cpu_limit = std::chrono::milliseconds(spec.cpu_limit_ms);
  options.memory_limit = std::size_t{spec.memory_limit_mb} << 20;
  options.allow_uncontained = spec.allow_uncontained;
  return PythonRunner::start(std::move(options));
}

Result<std::unique_ptr<Evaluator>> make_evaluator(const RunSpec& spec, const Domain& domain,
                                                  PythonRunner& runner) {
  if (const task::TaskDomain* task = as_task(spec, domain))
    return task->make_evaluator(spec.allow_uncontained);
  return static_cast<const sodarace::SodaraceDomain&>(domain).make_evaluator(runner, kDomainHarness);
}

WorkerFactory make_worker_factory(const RunSpec& spec, const Domain& domain,
                                  std::shared_ptr<diff::ModelSource> models, OperatorFactory prompt) {
  return [spec, &domain, models = std::move(models), prompt = std::move(prompt),
          make_generator = cpu_generators()]() -> Result<std::unique_ptr<Worker>> {
    SAMARA_TRY(std::unique_ptr<PythonRunner> runner, start_runner(spec));
    SAMARA_TRY(std::unique_ptr<Evaluator> evaluator, make_evaluator(spec, domain, *runner));
    std::unique_ptr<MutationOperator> mutation =
        make_operator(spec, domain, *runner, models, make_generator, prompt);
    return std::unique_ptr<Worker>(
        std::make_unique<LocalWorker>(std::move(runner), std::move(evaluator), std::move(mutation)));
  };
}

}  // namespace samara
