// samara demo: a first look. It is a script of the other commands and shows each one before it runs it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "samara/cli/command.h"

namespace samara::cli {
namespace {

struct Flags {
  double minutes = 1.0;
};

Status run_line(const std::vector<std::string>& arguments) {
  print(fmt::format("\n$ samara {}\n", fmt::join(arguments, " ")));
  CLI::App app;
  Action chosen;
  add_all(app, chosen);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  app.parse(reversed);
  return chosen();
}

/// The first of runs/demo-1, runs/demo-2, ... that does not exist.
std::string free_folder() {
  for (int i = 1;; ++i) {
    const std::string folder = fmt::format("runs/demo-{}", i);
    if (!std::filesystem::exists(folder)) return folder;
  }
}

Status demo_command(const Flags& flags) {
  const std::string run = free_folder();
  print(
      "Samara evolves walking robots: Python programs, starting from one that builds a square. A small "
      "language model\n"
      "and genetic programming write the changes, and the better of them are asked more often.\n");
  SAMARA_TRY_STATUS(
      run_line({"evolve", "sodarace", "--seed", "square", "--operator", "gp+diff", "--iterations", "100000",
                "--minutes", fmt::format("{:g}", flags.minutes), "--run", run}));
  SAMARA_TRY_STATUS(run_line({"map", run}));
  SAMARA_TRY_STATUS(run_line({"render", run, "--sheet", "12", "--diverse"}));
  SAMARA_TRY_STATUS(run_line({"render", run}));
  SAMARA_TRY_STATUS(run_line({"show", run}));
  print(
      fmt::format("\nThe pictures are {0}/map.png, {0}/sheet.png and {0}/robot.gif. Go on with:\n"
                  "  samara resume {0} --minutes 10\n"
                  "  samara show {0} --lineage\n"
                  "  samara evolve --help\n",
                  run));
  return {};
}

}  // namespace

void add_demo(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "demo", "Evolve walking robots for a minute and look at what was found",
                     "  samara demo\n"
                     "  samara demo --minutes 5");
  auto flags = std::make_shared<Flags>();
  command->add_option("--minutes", flags->minutes, "How long to evolve")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([&chosen, flags] { chosen = [=] { return demo_command(*flags); }; });
}

}  // namespace samara::cli
