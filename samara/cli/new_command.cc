// samara new: writes files to start from.
#include "samara/cli/new_command.h"

namespace samara::cli {

void add_new(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(app, "new", "Write files to start from",
                                     "  samara new task sine\n"
                                     "  samara new task sorting --language c\n"
                                     "  samara new prompts my-prompts");
  command->require_subcommand(1);
  add_new_task(*command, chosen);
  add_new_prompts(*command, chosen);
}

}  // namespace samara::cli
