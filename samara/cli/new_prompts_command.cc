// samara new prompts: writes the bundled prompts to a folder, to be edited.
#include "samara/cli/new_command.h"
#include "samara/mutation/prompt/prompt_form.h"

namespace samara::cli {

void add_new_prompts(CLI::App& parent, Action& chosen) {
  CLI::App* command =
      add_subcommand(parent, "prompts", "Write the bundled prompts to a folder, to be edited",
                     "  samara new prompts my-prompts\n"
                     "  samara evolve sodarace --operator prompt --prompt-templates my-prompts ...");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "Folder for the files; it may exist")->required()->type_name("DIR");
  command->callback([&chosen, folder] {
    chosen = [folder]() -> Status {
      SAMARA_TRY_STATUS(prompt::write_bundled_forms(*folder));
      print(fmt::format("wrote the prompts to {}; docs/prompt-operator.md says what may stand in them\n",
                        *folder));
      return {};
    };
  });
}

}  // namespace samara::cli
