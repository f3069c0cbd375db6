// samara lm: language models. One file per subcommand: lm_<name>_command.cc.
#include "samara/cli/lm_command.h"

namespace samara::cli {

void add_lm(CLI::App& app, Action& chosen) {
  CLI::App* lm = add_subcommand(app, "lm", "Language models: make, inspect, sample and serve them",
                                "  samara lm inspect models/diff");
  lm->require_subcommand(1);
  (void)chosen;
}

}  // namespace samara::cli
