// samara evolve: starts a run.
#include <fmt/format.h>

#include "samara/cli/drive.h"
#include "samara/cli/run_report.h"
#include "samara/cli/spec_flags.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string domain = "sodarace";
  std::string folder;
  double minutes = 0.0;
  bool json = false;
  bool quiet = false;
};

std::string default_folder(const RunSpec& spec) {
  const std::string seed = std::filesystem::path(spec.seed).stem().string();
  return fmt::format("runs/{}-{}-{}-{}", spec.domain, seed, spec.operator_name, spec.rng_seed);
}

Status evolve_command(const Flags& flags, const SpecFlags& spec_flags) {
  RunSpec defaults;
  defaults.domain = flags.domain;
  SAMARA_TRY(const RunSpec spec, spec_flags.resolve(defaults));
  const std::string folder = flags.folder.empty() ? default_folder(spec) : flags.folder;
  const bool new_folder = !std::filesystem::exists(folder);
  Status status;
  {
    SAMARA_TRY(Run run, Run::create(folder, spec));
    if (!flags.quiet) std::fprintf(stderr, "run folder %s\n", folder.c_str());
    const Result<RunState> state = drive(
        run, {{spec.iterations, flags.minutes * 60.0, spec.workers, false, stop_options(spec)}, flags.quiet});
    if (state.ok()) return print_run_report(run, *state, flags.json);
    status = state.error();
    SAMARA_TRY(const std::optional<std::uint32_t> last, run.store().last_iteration());
    if (last) return status;
  }
  // Not even the seed was scored: the corrected command shall find the place free.
  if (new_folder) std::filesystem::remove_all(folder);
  if (status.error().code != ErrorCode::kCancelled) return status;
  return make_error(ErrorCode::kCancelled, "stopped before the seed was scored: nothing was kept");
}

}  // namespace

void add_evolve(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "evolve", "Evolve programs: start a run",
                     "  samara evolve sodarace --seed square --iterations 200 --run runs/square\n"
                     "  samara evolve sodarace --seed my_robot.py --minutes 10\n"
                     "  samara evolve sodarace --islands 4 --patience 20\n"
                     "  samara evolve --spec my_run.toml --rng-seed 2 --workers 1");
  auto flags = std::make_shared<Flags>();
  command->add_option("target", flags->domain, "What is evolved: sodarace")->type_name("DOMAIN");
  command->add_option("--run", flags->folder, "Folder of the run; default runs/DOMAIN-SEED-OPERATOR-RNGSEED")
      ->type_name("DIR");
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
