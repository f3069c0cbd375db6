// The subcommands of `samara lm`, one file each; see command.h.
#pragma once

#include "samara/cli/command.h"

namespace samara::cli {

void add_lm_tokenizer(CLI::App& lm, Action& chosen);
void add_lm_inspect(CLI::App& lm, Action& chosen);
void add_lm_sample(CLI::App& lm, Action& chosen);
void add_lm_train(CLI::App& lm, Action& chosen);
void add_lm_serve(CLI::App& lm, Action& chosen);

}  // namespace samara::cli
