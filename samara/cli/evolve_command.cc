// samara evolve: starts a run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "samara/cli/drive.h"
#include "samara/cli/run_report.h"
#include "samara/cli/spec_flags.h"
#include "samara/domain/task/foreign_tasks.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string domain = "sodarace";
  std::vector<std::string> openevolve;  // initial program and evaluator
  std::string config;
  std::string shinka;
  std::string folder;
  std::string replay;
  double minutes = 0.0;
  bool json = false;
  bool quiet = false;
};

std::string default_folder(const RunSpec& spec) {
  if (spec.domain == "task") {
    const std::string task = std::filesystem::absolute(spec.task).lexically_normal().filename().string();
    return fmt::format("runs/{}-{}-{}", task.empty() ? "task" : task, spec.operator_name, spec.rng_seed);
  }
  const std::string seed = std::filesystem::path(spec.seed).stem().string();
  return fmt::format("runs/{}-{}-{}-{}", spec.domain, seed, spec.operator_name, spec.rng_seed);
}

Result<task::ForeignTask> read_foreign_task(const Flags& flags) {
  if (!flags.shinka.empty()) return task::read_shinka(flags.shinka);
  return task::read_openevolve(flags.openevolve[0], flags.openevolve[1], flags.config);
}

/// What the config says of models, where it says something.
void apply_models(const task::ForeignModels& models, PromptSpec& prompt) {
  if (!models.weights.empty()) prompt.models = models.weights;
  if (!models.endpoint.empty()) prompt.endpoint = models.endpoint;
  if (!models.key_variable.empty()) prompt.key_variable = models.key_variable;
  if (models.temperature) prompt.temperature = *models.temperature;
  if (models.max_tokens) prompt.max_tokens = *models.max_tokens;
  if (models.seconds) prompt.total_seconds = prompt.stall_seconds = *models.seconds;
  if (!models.body.empty()) prompt.body = models.body;
  if (models.rewrites) prompt.arms = {{"rewrite", 1.0}};
}

/// The spec of a run of another system's task: its settings, and flags before them.
Result<RunSpec> resolve_foreign(const task::ForeignTask& task, const SpecFlags& flags) {
  task::TaskSpec programs;
  programs.program = {task.program.filename().string()};
  RunSpec defaults = task_defaults(programs);
  defaults.task = task.evaluator.parent_path().string();
  apply_models(task.models, defaults.prompt);
  if (task.random_seed) defaults.rng_seed = *task.random_seed;
  SAMARA_TRY(RunSpec spec, flags.resolve(defaults));
  if (!task.max_iterations) return spec;
  defaults.iterations = std::max(1u, (*task.max_iterations + spec.batch - 1) / spec.batch);
  return flags.resolve(defaults);
}

void warn_of(const task::ForeignTask& task, const RunSpec& spec) {
  for (const std::string& warning : task.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  if (spec.has_operator("prompt")) {
    if (task.models.endpoint.empty() && !task.models.weights.empty()) {
      std::fprintf(stderr, "warning: the config names models but no llm.api_base: asking %s\n",
                   spec.prompt.endpoint.c_str());
    }
  } else if (!task.models.keys.empty()) {
    std::fprintf(stderr, "warning: not used, as they are for --operator prompt: %s\n",
                 fmt::format("{}", fmt::join(task.models.keys, ", ")).c_str());
  }
}

Status start(const Flags& flags, const std::string& folder, RunSpec spec,
             const std::optional<task::ForeignTask>& foreign) {
  if (foreign) {
    if (RunStore::is_in(folder)) {
      return make_error(ErrorCode::kAlreadyExists,
                        "{} holds a run already; resume it, or name another folder", folder);
    }
    spec.task = (std::filesystem::path(folder) / "task").string();
    SAMARA_TRY_STATUS(task::write_foreign_task(*foreign, spec.task));
  }
  SAMARA_TRY(Run run, Run::create(folder, spec));
  if (!flags.quiet) std::fprintf(stderr, "run folder %s\n", folder.c_str());
  const Result<RunState> state = drive(
      run, {{spec.iterations, flags.minutes * 60.0, spec.workers, false, stop_options(spec)}, flags.quiet});
  if (!state.ok()) return state.error();
  return print_run_report(run, *state, flags.json);
}

/// Whether there is something worth keeping: an iteration, or a run that cannot be looked into.
bool holds_iterations(const std::string& folder) {
  if (!RunStore::is_in(folder)) return false;
  Result<RunStore> store = RunStore::open(folder, Access::kRead);
  if (!store.ok()) return true;
  const auto last = store->last_iteration();
  return !last.ok() || last->has_value();
}

/// Evolves a run anew from its recorded replies.
Status replay_command(const Flags& flags) {
  if (flags.folder.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "--replay {} needs --run DIR, the folder of the new run",
                      flags.replay);
  }
  SAMARA_TRY(Run run, Run::create_replay(flags.folder, flags.replay));
  const RunSpec& spec = run.spec();
  DriveOptions options{{spec.iterations, flags.minutes * 60.0, spec.workers, false, stop_options(spec)},
                       flags.quiet};
  options.limits.replay = true;
  SAMARA_TRY(const RunState state, drive(run, options));
  return print_run_report(run, state, flags.json);
}

Status evolve_command(const Flags& flags, const SpecFlags& spec_flags) {
  if (!flags.replay.empty()) return replay_command(flags);
  std::optional<task::ForeignTask> foreign;
  RunSpec spec;
  if (flags.openevolve.empty() && flags.shinka.empty()) {
    SAMARA_TRY(const RunSpec defaults, spec_of_target(flags.domain));
    SAMARA_TRY(spec, spec_flags.resolve(defaults));
  } else {
    SAMARA_TRY(foreign, read_foreign_task(flags));
    SAMARA_TRY(spec, resolve_foreign(*foreign, spec_flags));
    if (!flags.quiet) warn_of(*foreign, spec);
  }
  const std::string folder = flags.folder.empty() ? default_folder(spec) : flags.folder;
  const bool new_folder = !std::filesystem::exists(folder);
  const Status status = start(flags, folder, spec, foreign);
  if (status.ok() || holds_iterations(folder)) return status;
  // Not even the seed was scored: the corrected command shall find the place free.
  if (new_folder) std::filesystem::remove_all(folder);
  if (status.error().code != ErrorCode::kCancelled) return status;
  return make_error(ErrorCode::kCancelled, "stopped before the seed was scored: nothing was kept");
}

}  // namespace

void add_evolve(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "evolve", "Evolve programs: start a run",
      "  samara evolve sodarace --seed square --iterations 200 --run runs/square\n"
      "  samara evolve sodarace --seed my_robot.py --minutes 10\n"
      "  samara evolve sodarace --islands 4 --patience 20\n"
      "  samara evolve my_task --iterations 50\n"
      "  samara evolve --openevolve initial_program.py evaluator.py -c config.yaml\n"
      "  samara evolve --shinka examples/circle_packing\n"
      "  samara evolve --spec my_run.toml --rng-seed 2 --workers 1\n"
      "  samara evolve my_task --operator gp+prompt --prompt-endpoint http://127.0.0.1:8080/v1 "
      "--prompt-models my-model\n"
      "  samara evolve --replay runs/models --run runs/again");
  auto flags = std::make_shared<Flags>();
  CLI::Option* target =
      command->add_option("target", flags->domain, "What is evolved: sodarace, or the folder of a task")
          ->type_name("DOMAIN");
  CLI::Option* openevolve =
      command
          ->add_option(
              "--openevolve", flags->openevolve,
              "A task of OpenEvolve or SkyDiscover as it stands: its initial program and its evaluator")
          ->expected(2)
          ->type_name("FILE")
          ->excludes(target);
  command->add_option("-c,--config", flags->config, "The config.yaml that goes with --openevolve")
      ->needs(openevolve)
      ->type_name("FILE");
  command
      ->add_option("--shinka", flags->shinka,
                   "A task of ShinkaEvolve as it stands: a folder with evaluate.py and initial.<suffix>")
      ->excludes(target)
      ->excludes(openevolve)
      ->type_name("DIR");
  command->add_option("--run", flags->folder, "Folder of the run; default runs/DOMAIN-SEED-OPERATOR-RNGSEED")
      ->type_name("DIR");
  command
      ->add_option(
          "--replay", flags->replay,
          "Evolve this run anew from its recorded replies, without an endpoint; wants --run and takes "
          "the run's spec")
      ->type_name("RUN");
  command->add_option("--minutes", flags->minutes, "Stop after this time; `samara resume` carries on")
      ->type_name("M")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->add_flag("--quiet", flags->quiet, "No progress");
  auto spec_flags = std::make_shared<SpecFlags>(*command);
  command->callback(
      [&chosen, flags, spec_flags] { chosen = [=] { return evolve_command(*flags, *spec_flags); }; });
}

}  // namespace samara::cli
