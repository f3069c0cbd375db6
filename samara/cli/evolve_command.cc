// samara evolve: starts a run.
#include <fmt/format.h>

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

/// The target as the command line names it: sodarace, a task's folder, or another system's task.
RunSpec named_target(const Flags& flags) {
  const bool foreign = !flags.openevolve.empty() || !flags.shinka.empty();
  if (!foreign && !std::filesystem::is_directory(flags.domain)) return default_spec(flags.domain);
  RunSpec spec = default_spec("task");
  spec.task = !flags.shinka.empty() ? flags.shinka
              : foreign             ? std::filesystem::absolute(flags.openevolve[0]).parent_path().string()
                                    : flags.domain;
  return spec;
}

/// Writes another system's task into the run's folder and says what of its settings holds here.
/// @param batch  of the run: what divides the candidates of that system into iterations
Status import_task(const Flags& flags, const std::filesystem::path& to, std::uint32_t batch,
                   RunSpec& defaults) {
  Result<task::ForeignTask> task =
      flags.shinka.empty()
          ? task::import_openevolve(flags.openevolve[0], flags.openevolve[1], flags.config, to)
          : task::import_shinka(flags.shinka, to);
  if (!task.ok()) return task.error();
  if (!flags.quiet) {
    for (const std::string& warning : task->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  defaults.task = to.string();
  if (task->max_iterations) defaults.iterations = std::max(1u, (*task->max_iterations + batch - 1) / batch);
  if (task->random_seed) defaults.rng_seed = *task->random_seed;
  return {};
}

Status start(const Flags& flags, const SpecFlags& spec_flags, const std::string& folder, RunSpec spec) {
  if (!flags.openevolve.empty() || !flags.shinka.empty()) {
    if (RunStore::is_in(folder)) {
      return make_error(ErrorCode::kAlreadyExists,
                        "{} holds a run already; resume it, or name another folder", folder);
    }
    RunSpec defaults = named_target(flags);
    SAMARA_TRY_STATUS(import_task(flags, std::filesystem::path(folder) / "task", spec.batch, defaults));
    SAMARA_TRY(spec, spec_flags.resolve(defaults));
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
  SAMARA_TRY(const RunSpec spec, spec_flags.resolve(named_target(flags)));
  const std::string folder = flags.folder.empty() ? default_folder(spec) : flags.folder;
  const bool new_folder = !std::filesystem::exists(folder);
  const Status status = start(flags, spec_flags, folder, spec);
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
