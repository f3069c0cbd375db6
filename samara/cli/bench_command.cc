// samara bench: measurements. `mutation` has a file of its own; `signature` runs a fixed evolution without
// any language model and prints its digest: a commit that changes it changes what runs compute, and says so.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "samara/cli/command.h"
#include "samara/cli/interrupt.h"
#include "samara/pipeline/run.h"

namespace samara::cli {
namespace {

struct Flags {
  bool json = false;
  unsigned workers = 0;
};

/// Fixed for ever: changing it changes every signature.
RunSpec signature_spec() {
  RunSpec spec;
  spec.seed = "square";
  spec.operator_name = "gp";
  spec.iterations = 20;
  spec.batch = 128;
  spec.rng_seed = 1;
  return spec;
}

/// A folder that disappears with the object.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / fmt::format("samara-signature-{}", getpid())) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Status signature_command(const Flags& flags) {
  const TemporaryFolder folder;
  const RunSpec spec = signature_spec();
  SAMARA_TRY(Run run, Run::create(folder.path(), spec));
  RunState state = run.empty_state();
  const auto observe = [](const IterationReport&) {};
  SAMARA_TRY(const EvolutionEnd end,
             run.evolve(state, {spec.iterations, 0.0, flags.workers}, observe, stop_on_interrupt()));
  if (end == EvolutionEnd::kStopped)
    return make_error(ErrorCode::kCancelled, "stopped: a part of the run has no signature");
  SAMARA_TRY(const std::string digest, run.digest(state));
  const ArchiveStats stats = state.archive().stats();
  if (flags.json) {
    const nlohmann::ordered_json json = {{"signature", digest},
                                         {"evaluations", state.proposals()},
                                         {"num_elites", stats.num_elites},
                                         {"qd_score", stats.qd_score}};
    print(json.dump(2) + "\n");
  } else {
    print(fmt::format("signature {}\n", digest));
  }
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Action& chosen) {
  CLI::App* bench = add_subcommand(app, "bench", "Measurements of this build and of mutation operators",
                                   "  samara bench signature\n  samara bench mutation --tasks parity");
  bench->require_subcommand(1);
  add_bench_mutation(*bench, chosen);
  CLI::App* command =
      add_subcommand(*bench, "signature", "Run a fixed evolution and print the digest of its archive and log",
                     "  samara bench signature --workers 1");
  auto flags = std::make_shared<Flags>();
  command->add_flag("--json", flags->json, "Print JSON");
  command
      ->add_option("--workers", flags->workers,
                   "Threads; 0 takes one per core. The signature does not depend on it")
      ->type_name("N");
  command->callback([&chosen, flags] { chosen = [=] { return signature_command(*flags); }; });
}

}  // namespace samara::cli
