// The subcommands of `samara lm`, one file each; see command.h.
#pragma once

#include "samara/cli/command.h"

namespace samara::cli {}  // namespace samara::cli
