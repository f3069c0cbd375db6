// The parts that a RunSpec names, made from it. Each function is a function of the spec alone.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "samara/archive/niche_map.h"
#include "samara/domain/sodarace/sodarace_domain.h"
#include "samara/domain/task/task_spec.h"
#include "samara/evolve/emitter.h"
#include "samara/evolve/stop_rule.h"
#include "samara/evolve/worker_pool.h"
#include "samara/mutation/diff/diff_operator.h"
#include "samara/mutation/mixture.h"
#include "samara/pipeline/run_spec.h"
#include "samara/sandbox/python_runner.h"

namespace samara {

std::unique_ptr<sodarace::SodaraceDomain> make_domain(const RunSpec& spec);

/// The spec's domain. A task is read from `task_folder`. Errors: those of TaskDomain::load().
Result<std::unique_ptr<Domain>> load_domain(const RunSpec& spec, const std::filesystem::path& task_folder);
/// Of the files that gp and diff edit.
inline constexpr std::string_view kPythonSuffix = ".py";
/// Errors: kInvalidArgument for operators that cannot edit the domain's programs.
Status check_operators(const RunSpec& spec, const Domain& domain);
/// The spec of a new run of a task before anything is said about it but what the task is; `task` is unset.
RunSpec task_defaults(const task::TaskSpec& task);

/// Errors: kInvalidArgument when the spec's bins do not fit the domain's dimensions.
Result<std::shared_ptr<const NicheMap>> make_niche_map(const RunSpec& spec, const Domain& domain);

/// The messages of the operator `diff`, in the order of its arms, with their default weights.
std::vector<diff::Message> diff_messages(const RunSpec& spec);
/// The function that "{function}" in a message stands for.
std::string function_of(const RunSpec& spec, const Domain& domain);

/// The operator's arms with their default weights, in the order that Record::arm indexes; and their names.
std::vector<ArmWeight> arm_weights(const RunSpec& spec);
std::vector<std::string> arm_names(const RunSpec& spec);
/// The arms' weights. Errors: kInvalidArgument for a weight whose arm the operator does not have, or no
/// weight at all.
Result<ArmMixture> make_mixture(const RunSpec& spec);

/// What the spec says about the search itself.
IslandOptions island_options(const RunSpec& spec);
Baseline baseline_of(const RunSpec& spec);
StopOptions stop_options(const RunSpec& spec);

/// The spec's seed is one of the domain's own, not a file.
bool is_named_seed(const RunSpec& spec, const Domain& domain);
/// The domain's seed of that name, or the file at that path; all of the domain's when the spec names none.
/// Errors: kInvalidArgument, kNotFound, kIo.
Result<std::vector<Seed>> find_seeds(const RunSpec& spec, const Domain& domain);

/// Makes an operator for a worker.
using OperatorFactory = std::function<std::unique_ptr<MutationOperator>()>;

/// A warm interpreter with the domain's harness at index 0. Errors: those of PythonRunner::start().
Result<std::unique_ptr<PythonRunner>> start_runner(const RunSpec& spec);
inline constexpr std::size_t kDomainHarness = 0;

/// Workers with an interpreter, an operator and an evaluator each. `domain` must outlive them.
/// @param models what the operator `diff` writes with; not used by the others
/// @param prompt makes the operator `prompt`; not used by the others
WorkerFactory make_worker_factory(const RunSpec& spec, const Domain& domain,
                                  std::shared_ptr<diff::ModelSource> models, OperatorFactory prompt = {});
/// An evaluator alone. `runner` is used by domains whose programs run in it. Both must outlive the evaluator.
Result<std::unique_ptr<Evaluator>> make_evaluator(const RunSpec& spec, const Domain& domain,
                                                  PythonRunner& runner);

}  // namespace samara
