// samara bench mutation: how often operators fix bugs in small functions. docs/bug-fixing.md is its manual.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "samara/base/file.h"
#include "samara/cli/bench_mutation_report.h"
#include "samara/cli/command.h"
#include "samara/cli/interrupt.h"
#include "samara/cli/progress.h"
#include "samara/picture/image.h"
#include "samara/pipeline/bugfix_contenders.h"

namespace samara::cli {
namespace {

struct Flags {
  std::vector<std::string> operators = contender_names();
  std::vector<std::string> tasks;
  std::vector<std::string> task_dirs;
  bugfix::BenchmarkOptions options;
  std::uint32_t cpu_limit_ms = 100;
  ContenderOptions contender;
  std::string json;
  std::string plot;
  bool every_task = false;
  bool quiet = false;
};

/// The bundled tasks of that group or of that name.
Result<std::vector<bugfix::Task>> find_bundled(const std::string& name) {
  std::vector<bugfix::Task> found;
  std::vector<std::string> groups;
  for (const bugfix::Task& task : bugfix::bundled_tasks()) {
    if (task.group == name || task.name == name) found.push_back(task);
    if (groups.empty() || groups.back() != task.group) groups.push_back(task.group);
  }
  if (!found.empty()) return found;
  return make_error(
      ErrorCode::kInvalidArgument,
      "there is no bundled task '{}'; there are {}, and single ones as heldout/rotate. For tasks "
      "of your own use --task-dir",
      name, fmt::join(groups, ", "));
}

Result<std::vector<bugfix::Task>> select_tasks(const Flags& flags) {
  std::vector<bugfix::Task> selected;
  const auto add = [&](std::vector<bugfix::Task> tasks) -> Status {
    for (bugfix::Task& task : tasks) {
      const auto same = [&](const bugfix::Task& other) { return other.name == task.name; };
      if (std::any_of(selected.begin(), selected.end(), same)) {
        return make_error(ErrorCode::kInvalidArgument, "the task {} is named twice", task.name);
      }
      selected.push_back(std::move(task));
    }
    return {};
  };
  if (flags.tasks.empty() && flags.task_dirs.empty()) return bugfix::bundled_tasks();
  for (const std::string& name : flags.tasks) {
    SAMARA_TRY(std::vector<bugfix::Task> tasks, find_bundled(name));
    SAMARA_TRY_STATUS(add(std::move(tasks)));
  }
  for (const std::string& folder : flags.task_dirs) {
    SAMARA_TRY(std::vector<bugfix::Task> tasks, bugfix::load_tasks(folder));
    SAMARA_TRY_STATUS(add(std::move(tasks)));
  }
  return selected;
}

/// One line, redrawn on a terminal; elsewhere a line every ten seconds.
class ProgressLine {
 public:
  ProgressLine(std::span<const bugfix::Task> tasks, std::span<const bugfix::Contender> contenders)
      : tasks_(tasks), contenders_(contenders), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (drawn_ && terminal_) std::fputs("\n", stderr);
  }

  void show(const bugfix::BenchmarkProgress& progress) {
    constexpr double kPlainSeconds = 10.0;
    if (!terminal_ && (progress.seconds < next_ || progress.done == 0)) return;
    next_ = progress.seconds + kPlainSeconds;
    const bugfix::Cell& cell = progress.current;
    const double percent = 100.0 * static_cast<double>(progress.done) /
                           static_cast<double>(std::max<std::uint64_t>(1, progress.planned));
    std::string line =
        fmt::format("{} of {} trials ({:.0f}%)", grouped(progress.done), grouped(progress.planned), percent);
    if (progress.done > 0) {
      line += fmt::format("  {:.0f}/s  {} left  {} bugs {} {}: {} of {} solved",
                          static_cast<double>(progress.done) / progress.seconds,
                          duration_text(progress.seconds_left), tasks_[cell.task].name, cell.bugs,
                          contenders_[cell.contender].name, grouped(cell.tally.solved),
                          grouped(cell.tally.trials));
    }
    std::fprintf(stderr, terminal_ ? "\r\x1b[K%s" : "%s\n", line.c_str());
    drawn_ = true;
  }

 private:
  std::span<const bugfix::Task> tasks_;
  std::span<const bugfix::Contender> contenders_;
  bool terminal_;
  bool drawn_ = false;
  double next_ = 0.0;
};

Status mutation_command(const Flags& flags) {
  std::vector<bugfix::Contender> contenders;
  for (const std::string& name : flags.operators) {
    SAMARA_TRY(bugfix::Contender contender, make_contender(name, flags.contender));
    contenders.push_back(std::move(contender));
  }
  SAMARA_TRY(const std::vector<bugfix::Task> tasks, select_tasks(flags));
  bugfix::BenchmarkOptions options = flags.options;
  options.cpu_limit = std::chrono::milliseconds(flags.cpu_limit_ms);

  Result<bugfix::BenchmarkReport> report = [&] {
    ProgressLine line(tasks, contenders);
    const auto observe = [&](const bugfix::BenchmarkProgress& progress) {
      if (!flags.quiet) line.show(progress);
    };
    return bugfix::run_benchmark(tasks, contenders, options, observe, stop_on_interrupt());
  }();
  if (!report.ok()) return report.error();

  const MutationResults results{tasks, contenders, options, *report};
  print(mutation_table(results, flags.every_task || !flags.task_dirs.empty()));
  print(fmt::format("\nseed {}, {} s\n", options.seed, static_cast<std::uint64_t>(report->seconds)));
  if (!flags.json.empty()) SAMARA_TRY_STATUS(write_file(flags.json, mutation_json(results).dump(2) + "\n"));
  if (!flags.plot.empty()) SAMARA_TRY_STATUS(picture::save(mutation_chart(results), flags.plot));
  if (report->stopped) {
    return make_error(ErrorCode::kCancelled, "stopped: the table has the trials that were made until then");
  }
  return {};
}

}  // namespace

void add_bench_mutation(CLI::App& bench, Action& chosen) {
  CLI::App* command = add_subcommand(
      bench, "mutation", "Bug fixing: how often one edit of an operator mends a program with 1 to 5 bugs",
      "  samara bench mutation\n"
      "  samara bench mutation --operator gp-node --tasks parity --trials 10000 --plot parity.png\n"
      "  samara bench mutation --task-dir my_tasks --json results.json");
  auto flags = std::make_shared<Flags>();
  command->add_option("--operator", flags->operators, "Operators, separated by commas")
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  command->add_option("--tasks", flags->tasks, "Bundled tasks: parity, quadratic, heldout, or heldout/NAME")
      ->delimiter(',')
      ->type_name("NAME,...");
  command
      ->add_option("--task-dir", flags->task_dirs,
                   "Folder of a task of your own, or of several; alone it replaces the bundled ones")
      ->type_name("DIR");
  command
      ->add_option("--trials", flags->options.trials,
                   "Trials per task, number of bugs and operator; by default the operator's own number")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31))
      ->type_name("N");
  command->add_option("--seed", flags->options.seed, "Seed of the trials")
      ->type_name("S")
      ->capture_default_str();
  command
      ->add_option("--node-rate", flags->contender.node_rate,
                   "gp-node: probability of each node to be swapped")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--model", flags->contender.model,
                   "Folder of the language model, for operators that have one; by default the bundled model")
      ->type_name("DIR");
  command
      ->add_option("--temperature", flags->contender.temperature,
                   "Sampling temperature, for operators with a language model")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command->add_option("--cpu-limit-ms", flags->cpu_limit_ms, "CPU time of one child, all cases together")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command
      ->add_option("--workers", flags->options.workers,
                   "Threads; 0 takes one per core. Results do not depend on it")
      ->type_name("N");
  command->add_option("--json", flags->json, "Write everything as JSON")->type_name("FILE");
  command->add_option("--plot", flags->plot, "Draw success against the number of bugs, as .png or .svg")
      ->type_name("FILE");
  command->add_flag("--every-task", flags->every_task, "Print each task of a group, not only the mean");
  command->add_flag("--quiet", flags->quiet, "No progress");
  command->add_flag(
      "--allow-uncontained", flags->options.allow_uncontained,
      "Run the programs even if this machine cannot contain them; only for operators you trust");
  command->callback([&chosen, flags] { chosen = [=] { return mutation_command(*flags); }; });
}

}  // namespace samara::cli
