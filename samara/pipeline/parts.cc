#include "samara/pipeline/parts.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "samara/archive/cvt_map.h"
#include "samara/archive/grid_map.h"
#include "samara/base/file.h"
#include "samara/mutation/gp/gp_operator.h"

namespace samara {
namespace {

constexpr std::size_t kOperatorHarness = kDomainHarness + 1;

gp::Preset gp_preset(const RunSpec& spec) {
  return spec.operator_name == "gp-node" ? gp::Preset::kNode : gp::Preset::kFull;
}

std::vector<BehaviorAxis> axes_of(const Domain& domain) {
  std::vector<BehaviorAxis> axes;
  for (const BehaviorDimension& dimension : domain.behavior_dimensions()) {
    axes.push_back({dimension.name, dimension.low, dimension.high});
  }
  return axes;
}

class LocalWorker : public Worker {
 public:
  LocalWorker(std::unique_ptr<PythonRunner> runner, const RunSpec& spec,
              const sodarace::SodaraceDomain& domain)
      : runner_(std::move(runner)),
        evaluator_(domain.make_evaluator(*runner_, kDomainHarness)),
        mutation_(gp_preset(spec), *runner_, kOperatorHarness) {}

  MutationOperator& mutation() override { return mutation_; }
  Evaluator& evaluator() override { return *evaluator_; }

 private:
  std::unique_ptr<PythonRunner> runner_;
  std::unique_ptr<Evaluator> evaluator_;
  gp::GpOperator mutation_;
};

}  // namespace

std::unique_ptr<sodarace::SodaraceDomain> make_domain(const RunSpec& spec) {
  sodarace::SodaraceOptions options;
  options.simulator = spec.simulator;
  options.robust_replays = spec.robust_replays;
  options.robust_aggregate =
      spec.robust_aggregate == "mean" ? sodarace::RobustAggregate::kMean : sodarace::RobustAggregate::kWorst;
  return std::make_unique<sodarace::SodaraceDomain>(options);
}

Result<std::shared_ptr<const NicheMap>> make_niche_map(const RunSpec& spec, const Domain& domain) {
  const std::vector<BehaviorAxis> axes = axes_of(domain);
  if (spec.map == "cvt") {
    // The centroids do not follow rng_seed: runs with different seeds fill the same niches.
    CvtOptions options;
    options.cells = spec.niches;
    return std::shared_ptr<const NicheMap>(std::make_shared<CvtMap>(axes, options));
  }
  if (spec.bins.size() != axes.size()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "archive.bins has {} numbers, but {} has {} behavior dimensions", spec.bins.size(),
                      domain.name(), axes.size());
  }
  std::vector<GridAxis> grid;
  for (std::size_t i = 0; i < axes.size(); ++i) grid.push_back({axes[i], spec.bins[i]});
  return std::shared_ptr<const NicheMap>(std::make_shared<GridMap>(grid));
}

std::vector<ArmWeight> arm_weights(const RunSpec& spec) {
  return gp::default_weights(gp_preset(spec));
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
  for (const ArmWeight& arm : arms) total += arm.weight;
  if (total <= 0.0)
    return make_error(ErrorCode::kInvalidArgument, "weights turns every arm of operator '{}' off",
                      spec.operator_name);
  return spec.adaptive ? ArmMixture::adaptive(arms) : ArmMixture::fixed(arms);
}

bool is_named_seed(const RunSpec& spec, const Domain& domain) {
  const std::span<const Seed> seeds = domain.seeds();
  return std::any_of(seeds.begin(), seeds.end(), [&](const Seed& seed) { return seed.name == spec.seed; });
}

Result<Seed> find_seed(const RunSpec& spec, const Domain& domain) {
  std::vector<std::string> names;
  for (const Seed& seed : domain.seeds()) {
    if (seed.name == spec.seed) return seed;
    names.push_back(seed.name);
  }
  constexpr std::size_t kLargestSeed = std::size_t{1} << 20;
  Result<std::string> source = read_file(spec.seed, kLargestSeed);
  if (source.ok()) return Seed{spec.seed, std::move(source).value()};
  if (source.error().code != ErrorCode::kNotFound) return source.error();
  return make_error(ErrorCode::kNotFound, "seed '{}' is neither a seed of {} ({}) nor a file", spec.seed,
                    domain.name(), fmt::join(names, ", "));
}

Result<std::unique_ptr<PythonRunner>> start_runner(const RunSpec& spec) {
  PythonRunner::Options options;
  options.harnesses = {sodarace::SodaraceDomain::harness(), gp::harness()};
  options.cpu_limit = std::chrono::milliseconds(spec.cpu_limit_ms);
  options.memory_limit = std::size_t{spec.memory_limit_mb} << 20;
  options.allow_uncontained = spec.allow_uncontained;
  return PythonRunner::start(std::move(options));
}

WorkerFactory make_worker_factory(const RunSpec& spec, const sodarace::SodaraceDomain& domain) {
  return [spec, &domain]() -> Result<std::unique_ptr<Worker>> {
    SAMARA_TRY(std::unique_ptr<PythonRunner> runner, start_runner(spec));
    return std::unique_ptr<Worker>(std::make_unique<LocalWorker>(std::move(runner), spec, domain));
  };
}

}  // namespace samara
