// samara verify: re-folds a run's log, checks everything that can be checked, and prints the run's digest.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "samara/cli/command.h"
#include "samara/cli/progress.h"
#include "samara/pipeline/run.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  bool json = false;
};

struct Verified {
  RunState state;
  std::string digest;
  std::optional<std::uint32_t> last;
};

/// Reads the run until it did not grow meanwhile, so that log and archive are of the same moment.
Result<Verified> read_still(Run& run) {
  constexpr int kAttempts = 20;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    SAMARA_TRY(const std::optional<std::uint32_t> before, run.store().last_iteration());
    SAMARA_TRY(RunState state, run.state());
    SAMARA_TRY(std::string digest, run.digest(state));
    SAMARA_TRY(const std::optional<std::uint32_t> after, run.store().last_iteration());
    if (before == after) return Verified{std::move(state), std::move(digest), after};
  }
  return make_error(ErrorCode::kInUse, "{} grows faster than it can be read; verify it when it has stopped",
                    run.store().folder().string());
}

Status verify_command(const Flags& flags) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kRead));
  SAMARA_TRY_STATUS(run.store().check());
  SAMARA_TRY_STATUS(run.check_task());
  SAMARA_TRY_STATUS(run.check_models());
  SAMARA_TRY(const Verified verified, read_still(run));
  const auto& [state, digest, last] = verified;
  if (flags.json) {
    const nlohmann::ordered_json json = {{"ok", true},
                                         {"iterations", last.value_or(0)},
                                         {"evaluations", state.proposals()},
                                         {"programs", state.programs_seen()},
                                         {"digest", digest}};
    print(json.dump(2) + "\n");
  } else {
    print(fmt::format(
        "{} candidates in {} iterations: texts, references and outcomes are as they should be\ndigest {}\n",
        grouped(state.proposals()), grouped(last.value_or(0)), digest));
  }
  return {};
}

}  // namespace

void add_verify(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "verify", "Check a run from end to end and print its digest: equal digests, equal runs",
      "  samara verify runs/square\n"
      "  samara verify runs/square --json");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return verify_command(*flags); }; });
}

}  // namespace samara::cli
