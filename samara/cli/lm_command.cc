// samara lm: language models. One file per subcommand: lm_<name>_command.cc.
#include "samara/cli/lm_command.h"

namespace samara::cli {

void add_lm(CLI::App& app, Action& chosen) {
  CLI::App* lm = add_subcommand(app, "lm", "Language models: make, inspect, sample and serve them",
                                "  samara lm inspect models/diff");
  lm->require_subcommand(1);
  add_lm_tokenizer(*lm, chosen);
  add_lm_inspect(*lm, chosen);
  add_lm_sample(*lm, chosen);
  add_lm_train(*lm, chosen);
  add_lm_serve(*lm, chosen);
}

}  // namespace samara::cli
