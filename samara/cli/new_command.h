// The parts of `samara new`, one file each.
#pragma once

#include "samara/cli/command.h"

namespace samara::cli {

void add_new_task(CLI::App& parent, Action& chosen);
void add_new_prompts(CLI::App& parent, Action& chosen);

}  // namespace samara::cli
