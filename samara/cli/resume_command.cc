// samara resume: carries a run on from where its log ends.
#include <algorithm>

#include "samara/cli/command.h"
#include "samara/cli/drive.h"
#include "samara/cli/prompt_flags.h"
#include "samara/cli/run_report.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  std::uint32_t iterations = 0;
  double minutes = 0.0;
  unsigned workers = 0;
  bool allow_uncontained = false;
  std::optional<std::uint32_t> patience;
  std::optional<double> target_fitness;
  bool json = false;
  bool quiet = false;
};

Status resume_command(const Flags& flags, const PromptFlags& prompt_flags) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kWrite));
  const std::uint32_t iterations = flags.iterations > 0 ? flags.iterations : run.spec().iterations;
  SAMARA_TRY(const std::optional<std::uint32_t> last, run.store().last_iteration());
  if (last.value_or(0) >= iterations && !flags.quiet) {
    std::fprintf(stderr, "all %u iterations are done; --iterations N carries the run further\n", iterations);
  }
  const unsigned workers = flags.workers > 0 ? flags.workers : run.spec().workers;
  StopOptions stop = stop_options(run.spec());
  if (flags.patience) stop.patience = *flags.patience;
  if (flags.target_fitness) stop.target_fitness = *flags.target_fitness;
  DriveOptions options{{iterations, flags.minutes * 60.0, workers, flags.allow_uncontained, stop},
                       flags.quiet};
  options.limits.adjust_prompt = prompt_flags.adjustment();
  SAMARA_TRY(const RunState state, drive(run, options));
  return print_run_report(run, state, flags.json);
}

}  // namespace

void add_resume(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "resume", "Carry on a run that was stopped or killed, or extend a finished one",
                     "  samara resume runs/square\n"
                     "  samara resume runs/square --iterations 400\n"
                     "  samara resume runs/square --patience 0\n"
                     "  samara resume runs/models --prompt-budget-money 20");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  command
      ->add_option("--iterations", flags->iterations, "Iterations in all; default: what the run's spec says")
      ->type_name("N");
  command->add_option("--minutes", flags->minutes, "Stop after this time")
      ->type_name("M")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option(
          "--patience", flags->patience,
          "Stop after this many iterations without improvement, 0: never; default: what the spec says")
      ->type_name("N");
  command
      ->add_option("--target-fitness", flags->target_fitness,
                   "Stop when the best fitness is at least this, inf: never; default: what the spec says")
      ->type_name("X");
  command
      ->add_option("--workers", flags->workers,
                   "Threads; what the spec says by default. Results do not depend on it")
      ->type_name("N");
  command->add_flag("--allow-uncontained", flags->allow_uncontained,
                    "Run although the kernel refuses a layer of containment; for trusted code only");
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->add_flag("--quiet", flags->quiet, "No progress");
  auto prompt_flags = std::make_shared<PromptFlags>(*command);
  command->callback(
      [&chosen, flags, prompt_flags] { chosen = [=] { return resume_command(*flags, *prompt_flags); }; });
}

}  // namespace samara::cli
