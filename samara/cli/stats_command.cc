// samara stats: what a run has come to, now or iteration by iteration.
#include <fmt/format.h>

#include "samara/cli/command.h"
#include "samara/cli/run_report.h"
#include "samara/pipeline/run_history.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  bool json = false;
  bool history = false;
};

/// One CSV line per iteration, under the field's names.
Status print_history(Run& run) {
  SAMARA_TRY(const std::vector<Moment> moments, run_history(run));
  print(
      "iteration,evaluations,num_elites,coverage,qd_score,max_fitness,mean_fitness,accepted,scored,valid,"
      "changed,"
      "executed\n");
  for (const Moment& m : moments) {
    print(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", m.iteration, m.proposals, m.stats.num_elites,
                      m.stats.coverage, m.stats.qd_score, m.stats.obj_max.value_or(0.0),
                      m.stats.obj_mean.value_or(0.0), m.count(Outcome::kAccepted), m.scored(), m.valid(),
                      m.changed(), m.executed()));
  }
  return {};
}

Status stats_command(const Flags& flags) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kRead));
  if (flags.history) return print_history(run);
  SAMARA_TRY(const RunState state, run.state());
  return print_run_report(run, state, flags.json);
}

}  // namespace

void add_stats(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "stats", "Coverage, QD score, best fitness and outcomes of a run, live or dead",
                     "  samara stats runs/square\n"
                     "  samara stats runs/square --json\n"
                     "  samara stats runs/square --history > history.csv");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  CLI::Option* json = command->add_flag("--json", flags->json, "Print JSON");
  command->add_flag("--history", flags->history, "Print CSV, one line per iteration")->excludes(json);
  command->callback([&chosen, flags] { chosen = [=] { return stats_command(*flags); }; });
}

}  // namespace samara::cli
