// samara corpus: training data for the diff model.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "samara/base/clock.h"
#include "samara/base/file.h"
#include "samara/cli/command.h"
#include "samara/cli/progress.h"
#include "samara/corpus/commit_corpus.h"
#include "samara/corpus/corpus_harness.h"
#include "samara/corpus/function_corpus.h"
#include "samara/corpus/git_corpus.h"
#include "samara/corpus/json_lines.h"

namespace samara::cli {
namespace {

/// One line on standard error, drawn again on a terminal at most ten times a second, elsewhere every ten
/// seconds.
class Counter {
 public:
  void show(const std::string& text) {
    const double now = wall_seconds();
    if (now < next_) return;
    next_ = now + (terminal_ ? 0.1 : 10.0);
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[K" : "", text, terminal_ ? "" : "\n");
    drawn_ = terminal_;
  }
  void done(const std::string& text) { fmt::print(stderr, "{}{}\n", drawn_ ? "\r\x1b[K" : "", text); }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool drawn_ = false;
  double next_ = 0.0;
};

/// The sources that --held-out names.
Result<std::vector<std::string>> read_held_out(const std::vector<std::string>& flag) {
  const std::vector<std::filesystem::path> paths(flag.begin(), flag.end());
  SAMARA_TRY(const std::vector<std::filesystem::path> files, corpus::find_sources(paths));
  std::vector<std::string> sources;
  for (const std::filesystem::path& file : files) {
    SAMARA_TRY(std::string source, read_file(file));
    sources.push_back(std::move(source));
  }
  return sources;
}

void add_held_out(CLI::App* command, std::vector<std::string>& paths) {
  command
      ->add_option("--held-out", paths,
                   "Python files, or folders of them, whose functions must not be in the corpus")
      ->type_name("PATH");
}

struct PythonFlags {
  std::vector<std::string> paths;
  std::vector<std::string> held_out;
  std::string out;
};

Status python_command(const PythonFlags& flags) {
  std::vector<std::filesystem::path> paths(flags.paths.begin(), flags.paths.end());
  if (paths.empty()) paths = corpus::default_sources();
  SAMARA_TRY(const std::vector<std::filesystem::path> files, corpus::find_sources(paths));
  if (files.empty()) {
    return make_error(ErrorCode::kNotFound, "no .py file below the paths; name folders that have some");
  }
  SAMARA_TRY(const std::vector<std::string> held_out, read_held_out(flags.held_out));
  SAMARA_TRY(std::unique_ptr<PythonRunner> runner, corpus::start_runner({}, held_out));
  SAMARA_TRY(corpus::LineWriter writer, corpus::LineWriter::create(flags.out));
  Counter counter;
  SAMARA_TRY(const corpus::FunctionCounts counts,
             corpus::collect_functions(
                 files, *runner,
                 [&](const corpus::Function& function) { return writer.write(to_json_line(function)); },
                 [&](const corpus::FunctionCounts& so_far) {
                   counter.show(fmt::format("{} of {} files, {} functions", grouped(so_far.files),
                                            grouped(files.size()), grouped(so_far.functions)));
                 }));
  SAMARA_TRY_STATUS(writer.finish());
  counter.done(fmt::format("{}: {} functions from {} files ({} skipped), {} repeated ones left out",
                           flags.out, grouped(counts.functions), grouped(counts.files),
                           grouped(counts.skipped_files), grouped(counts.repeated)));
  return {};
}

struct CommitFlags {
  std::vector<std::string> functions;
  std::string out;
  corpus::CommitOptions options;
  std::vector<std::string> held_out;
  bool no_typos = false;
};

Status commits_command(CommitFlags flags) {
  flags.options.typos = !flags.no_typos;
  SAMARA_TRY(flags.options.held_out, read_held_out(flags.held_out));
  std::vector<corpus::Function> functions;
  for (const std::string& path : flags.functions) {
    SAMARA_TRY(std::vector<corpus::Function> some, corpus::read_functions(path));
    functions.insert(functions.end(), std::make_move_iterator(some.begin()),
                     std::make_move_iterator(some.end()));
  }
  SAMARA_TRY(corpus::LineWriter writer, corpus::LineWriter::create(flags.out));
  Counter counter;
  const double start = wall_seconds();
  const auto text = [&](const corpus::CommitCounts& so_far) {
    const double rate = static_cast<double>(so_far.written) / std::max(1e-3, wall_seconds() - start);
    return fmt::format("{} of {} commits, {:.0f}/s", grouped(so_far.written), grouped(flags.options.count),
                       rate);
  };
  SAMARA_TRY(const corpus::CommitCounts counts,
             corpus::make_commits(
                 functions, flags.options,
                 [&](const corpus::Commit& commit) { return writer.write(to_json_line(commit)); },
                 [&](const corpus::CommitCounts& so_far) { counter.show(text(so_far)); }));
  SAMARA_TRY_STATUS(writer.finish());
  counter.done(
      fmt::format("{}: {} ({} repeated ones left out)", flags.out, text(counts), grouped(counts.repeated)));
  return {};
}

struct GitFlags {
  std::vector<std::string> repositories;
  std::string out;
  std::vector<std::string> held_out;
  corpus::GitOptions options;
};

Status git_command(const GitFlags& flags) {
  const std::vector<std::filesystem::path> repositories(flags.repositories.begin(), flags.repositories.end());
  SAMARA_TRY(const std::vector<std::string> held_out, read_held_out(flags.held_out));
  SAMARA_TRY(std::unique_ptr<PythonRunner> runner, corpus::start_runner({}, held_out));
  SAMARA_TRY(corpus::LineWriter writer, corpus::LineWriter::create(flags.out));
  Counter counter;
  SAMARA_TRY(const corpus::GitCounts counts,
             corpus::collect_commits(
                 repositories, flags.options, *runner,
                 [&](const corpus::GitCommit& commit) { return writer.write(to_json_line(commit)); },
                 [&](const corpus::GitCounts& so_far) {
                   counter.show(fmt::format("{} commits written", grouped(so_far.written)));
                 }));
  SAMARA_TRY_STATUS(writer.finish());
  counter.done(fmt::format(
      "{}: {} changes, from {} files of {} commits ({} files skipped, {} repeated ones left out)", flags.out,
      grouped(counts.written), grouped(counts.history.changes), grouped(counts.history.commits),
      grouped(counts.history.skipped_files), grouped(counts.repeated)));
  return {};
}

void add_python(CLI::App& corpus, Action& chosen) {
  CLI::App* command = add_subcommand(corpus, "python", "Collect functions from Python sources",
                                     "  samara corpus python --out functions.jsonl\n"
                                     "  samara corpus python ~/src/project --out functions.jsonl");
  auto flags = std::make_shared<PythonFlags>();
  command->add_option("paths", flags->paths, "Python files or folders; the machine's own by default")
      ->type_name("PATH");
  command->add_option("--out", flags->out, "File to write")->required()->type_name("FILE");
  add_held_out(command, flags->held_out);
  command->callback([&chosen, flags] { chosen = [=] { return python_command(*flags); }; });
}

void add_commits(CLI::App& corpus, Action& chosen) {
  CLI::App* command = add_subcommand(
      corpus, "commits", "Make synthetic commits from functions",
      "  samara corpus commits functions.jsonl --count 300000 --short 1 --out short.jsonl\n"
      "  samara corpus commits functions.jsonl --count 150000 --short 0.2 --seed 2 --out long.jsonl");
  auto flags = std::make_shared<CommitFlags>();
  corpus::CommitOptions& options = flags->options;
  command->add_option("functions", flags->functions, "Output of samara corpus python")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", flags->out, "File to write")->required()->type_name("FILE");
  command->add_option("--count", options.count, "Commits to make")->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed gives other commits")->capture_default_str();
  command->add_option("--real", options.real_share, "Share that starts from a real function")
      ->capture_default_str();
  command->add_option("--short", options.short_share, "Share of short examples")->capture_default_str();
  command
      ->add_option("--short-tokens", options.short_tokens,
                   "Tokens of a short example: program, message and diff, estimated")
      ->capture_default_str();
  command->add_option("--max-tokens", options.max_tokens, "Tokens of any other example, estimated")
      ->capture_default_str();
  command->add_option("--max-lines", options.max_lines, "Lines of a program")->capture_default_str();
  command->add_flag("--no-typos", flags->no_typos, "Leave out bugs that misspell names");
  command->add_option("--workers", options.workers, "Processes that make commits; the result is the same")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  add_held_out(command, flags->held_out);
  command->callback([&chosen, flags] { chosen = [=] { return commits_command(*flags); }; });
}

void add_git(CLI::App& corpus, Action& chosen) {
  CLI::App* command = add_subcommand(corpus, "git", "Collect real commits from local git repositories",
                                     "  samara corpus git ~/src/project --out commits.jsonl\n"
                                     "  samara corpus git . --ext cc --context 12 --out commits.jsonl");
  auto flags = std::make_shared<GitFlags>();
  corpus::GitOptions& options = flags->options;
  command->add_option("repositories", flags->repositories, "Folders of git repositories")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", flags->out, "File to write")->required()->type_name("FILE");
  command->add_option("--ext", options.history.extension, "Extension of the files to look at")
      ->capture_default_str();
  command
      ->add_option("--max-commits", options.history.most_commits,
                   "Only the latest commits of each repository; 0: all")
      ->capture_default_str();
  command->add_option("--max-lines", options.max_lines, "Lines of the text around a change")
      ->capture_default_str();
  command->add_option("--max-tokens", options.max_tokens, "Tokens of text and diff, estimated")
      ->capture_default_str();
  command
      ->add_option("--context", options.context,
                   "Lines around a change that is in no function, or in a long one")
      ->capture_default_str();
  add_held_out(command, flags->held_out);
  command->callback([&chosen, flags] { chosen = [=] { return git_command(*flags); }; });
}

}  // namespace

void add_corpus(CLI::App& app, Action& chosen) {
  CLI::App* corpus =
      add_subcommand(app, "corpus", "Make training data for the diff model",
                     "  samara corpus python --out functions.jsonl\n"
                     "  samara corpus commits functions.jsonl --count 100000 --out commits.jsonl");
  corpus->require_subcommand(1);
  add_python(*corpus, chosen);
  add_commits(*corpus, chosen);
  add_git(*corpus, chosen);
}

}  // namespace samara::cli
