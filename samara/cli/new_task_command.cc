// samara new task: writes the folder of a task to start from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "samara/cli/new_command.h"
#include "samara/domain/task/foreign_tasks.h"
#include "samara/domain/task/task_folder.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  std::string language = "python";
  std::vector<std::string> openevolve;  // initial program and evaluator
  std::string config;
  std::string shinka;
};

/// A copy that its owner may edit, unlike the one in a run.
Status import_task(const Flags& flags) {
  namespace fs = std::filesystem;
  if (fs::exists(flags.folder)) {
    return make_error(ErrorCode::kAlreadyExists, "{} is there already; name another folder", flags.folder);
  }
  SAMARA_TRY(const task::ForeignTask task,
             flags.shinka.empty()
                 ? task::read_openevolve(flags.openevolve[0], flags.openevolve[1], flags.config)
                 : task::read_shinka(flags.shinka));
  SAMARA_TRY_STATUS(task::write_foreign_task(task, flags.folder));
  for (const std::string& warning : task.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  if (!task.models.keys.empty()) {
    std::fprintf(stderr, "warning: no part of a task, but of `samara evolve --operator prompt`: %s\n",
                 fmt::format("{}", fmt::join(task.models.keys, ", ")).c_str());
  }
  for (const auto& entry : fs::recursive_directory_iterator(flags.folder)) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  }
  print(fmt::format("{0} holds the task; {0}/task.toml says what is evolved and how it is scored.\n",
                    flags.folder));
  return {};
}

Status new_task_command(const Flags& flags) {
  if (!flags.shinka.empty() || !flags.openevolve.empty()) return import_task(flags);
  SAMARA_TRY_STATUS(task::write_new_task(flags.folder, flags.language));
  print(fmt::format(
      "{0} holds a task that runs as it is: task.toml says what is evolved and how it is scored.\n"
      "  samara eval {0} {0}/{1}\n"
      "  samara evolve {0}\n",
      flags.folder,
      flags.language == "python" ? "program.py"
      : flags.language == "c"    ? "program.c"
                                 : "program.txt"));
  return {};
}

}  // namespace

void add_new_task(CLI::App& parent, Action& chosen) {
  CLI::App* task =
      add_subcommand(parent, "task", "A task: a program to evolve and the evaluator that scores it",
                     "  samara new task sine && samara evolve sine\n"
                     "  samara new task sorting --language c\n"
                     "  samara new task words --language text\n"
                     "  samara new task packing --openevolve initial_program.py evaluator.py");
  auto flags = std::make_shared<Flags>();
  task->add_option("folder", flags->folder, "Folder to make")->required()->type_name("DIR");
  task->add_option("--language", flags->language,
                   "Of the programs: python, c, or any other, which gets an evaluator that is a command")
      ->type_name("NAME");
  CLI::Option* openevolve =
      task->add_option(
              "--openevolve", flags->openevolve,
              "Make it of a task of OpenEvolve or SkyDiscover: its initial program and its evaluator")
          ->expected(2)
          ->type_name("FILE");
  task->add_option("-c,--config", flags->config, "The config.yaml that goes with --openevolve")
      ->needs(openevolve)
      ->type_name("FILE");
  task->add_option("--shinka", flags->shinka, "Make it of a task of ShinkaEvolve: its folder")
      ->excludes(openevolve)
      ->type_name("DIR");
  task->callback([&chosen, flags] { chosen = [=] { return new_task_command(*flags); }; });
}

}  // namespace samara::cli
