// samara export: the evaluation log or the archive as JSON lines or CSV, for other tools, and what a run
// teaches as training data for language models.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/cli/pick.h"
#include "samara/cli/progress.h"
#include "samara/pipeline/training_data.h"

namespace samara::cli {
namespace {

struct Flags {
  std::vector<std::string> folders;
  std::string what = "log";
  std::string format = "jsonl";
  std::string out = "-";
  bool sources = false;
  // Of training data.
  std::string edits = "unified";
  std::string pairs = "siblings";
  std::vector<std::string> outcomes;
  std::optional<double> min_improvement;
  std::string instruction;

  bool training_data() const { return format == "sft" || format == "dpo"; }
};

/// Standard output or a file that appears when it is whole.
class Output {
 public:
  static Result<Output> open(const std::string& path) {
    Output output;
    output.path_ = path;
    if (path == "-") return output;
    output.file_.reset(std::fopen((path + ".partial").c_str(), "w"));
    if (!output.file_) return make_error(ErrorCode::kIo, "cannot write {}: {}", path, errno_text());
    return output;
  }

  Status write(const std::string& line) {
    std::FILE* file = file_ ? file_.get() : stdout;
    if (std::fwrite(line.data(), 1, line.size(), file) == line.size()) return {};
    return make_error(ErrorCode::kIo, "cannot write {}: {}", path_, errno_text());
  }

  /// After an error: leaves no part of a file behind.
  void discard() {
    if (path_ != "-") std::remove((path_ + ".partial").c_str());
  }

  Status close() {
    if (!file_)
      return std::fflush(stdout) == 0 ? Status()
                                      : make_error(ErrorCode::kIo, "cannot write: {}", errno_text());
    if (std::fclose(file_.release()) != 0 || std::rename((path_ + ".partial").c_str(), path_.c_str()) != 0) {
      return make_error(ErrorCode::kIo, "cannot write {}: {}", path_, errno_text());
    }
    return {};
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + '"';
}

/// One row of the table that both formats write: names and JSON values.
using Row = nlohmann::ordered_json;

std::string csv_line(const Row& row, bool names) {
  std::string line;
  for (const auto& [name, value] : row.items()) {
    if (!line.empty()) line += ',';
    line += csv_field(names               ? name
                      : value.is_null()   ? ""
                      : value.is_string() ? value.get<std::string>()
                                          : value.dump());
  }
  return line + "\n";
}

class Exporter {
 public:
  Exporter(Run& run, const Flags& flags, Output& output)
      : run_(run), flags_(flags), output_(output), state_(run.empty_state()) {}

  Status log() {
    return run_.store().for_each_record([&](const Record& record, std::uint32_t) { return write(record); });
  }

  Status archive() {
    SAMARA_TRY(state_, run_.state());
    for (const Elite& elite : elites_by_fitness(state_.archive())) {
      SAMARA_TRY(const Record record, run_.store().first_record(elite.program));
      SAMARA_TRY_STATUS(write(record));
    }
    return {};
  }

 private:
  Status write(const Record& record) {
    const auto& axes = state_.archive().map().axes();
    Row row;
    row["iteration"] = record.iteration;
    row["slot"] = record.slot;
    row["outcome"] = outcome_name(record.outcome);
    row["program"] = record.program ? Row(record.program->hex()) : Row(nullptr);
    row["parent"] = record.parents.size() > 0 ? Row(record.parents[0].hex()) : Row(nullptr);
    row["donor"] = record.parents.size() > 1 ? Row(record.parents[1].hex()) : Row(nullptr);
    row["arm"] = run_.store().description().arms.at(record.arm);
    row["fitness"] = record.score ? Row(record.score->fitness) : Row(nullptr);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      row[axes[i].name] = record.score ? Row(record.score->behavior.at(i)) : Row(nullptr);
    }
    row["niche"] = record.score ? Row(state_.archive().map().niche_of(record.score->behavior)) : Row(nullptr);
    row["note"] = sanitize_utf8(record.note);
    row["message"] = sanitize_utf8(record.message);
    if (flags_.sources) {
      row["source"] = nullptr;
      if (record.program) {
        SAMARA_TRY(const std::string source, run_.store().program_source(*record.program));
        row["source"] = sanitize_utf8(source);
      }
    }
    if (flags_.format == "jsonl") return output_.write(row.dump() + "\n");
    if (first_) SAMARA_TRY_STATUS(output_.write(csv_line(row, true)));
    first_ = false;
    return output_.write(csv_line(row, false));
  }

  Run& run_;
  const Flags& flags_;
  Output& output_;
  RunState state_;
  bool first_ = true;
};

Result<TrainingDataOptions> training_data_options(const Flags& flags) {
  using Options = TrainingDataOptions;
  Options options;
  if (flags.format == "dpo") options.format = Options::Format::kDpo;
  if (flags.edits == "search-replace") options.edits = Options::Edits::kSearchReplace;
  if (flags.edits == "rewrite") options.edits = Options::Edits::kRewrite;
  if (flags.pairs == "niche") options.pairs = Options::Pairs::kNiche;
  if (flags.min_improvement) options.min_improvement = *flags.min_improvement;
  options.instruction = flags.instruction;
  for (const std::string& name : flags.outcomes) {
    const std::optional<Outcome> outcome = outcome_from_name(name);
    if (!outcome || !is_evaluated(*outcome)) {
      return make_error(ErrorCode::kInvalidArgument,
                        "--outcomes '{}' is not an outcome of an evaluated program; choose from accepted, "
                        "rejected, syntax_error, runtime_error, time_limit and so on (docs/training-data.md)",
                        name);
    }
    options.outcomes.push_back(*outcome);
  }
  return options;
}

Status export_training_data(const Flags& flags, Output& output) {
  SAMARA_TRY(const TrainingDataOptions options, training_data_options(flags));
  TrainingDataCounts total;
  for (const std::string& folder : flags.folders) {
    SAMARA_TRY(Run run, Run::open(folder, Access::kRead));
    SAMARA_TRY(const TrainingDataCounts counts, write_training_data(run, options, [&](std::string_view line) {
                 return output.write(std::string(line) + "\n");
               }));
    total.lines += counts.lines;
    total.not_text += counts.not_text;
    total.not_edited += counts.not_edited;
  }
  std::fprintf(stderr, "%s examples; left out: %s that are not UTF-8, %s whose edit cannot be told as %s\n",
               grouped(total.lines).c_str(), grouped(total.not_text).c_str(),
               grouped(total.not_edited).c_str(), flags.edits.c_str());
  return {};
}

Status export_run(const Flags& flags, Output& output) {
  if (flags.training_data()) return export_training_data(flags, output);
  if (flags.folders.size() != 1) {
    return make_error(ErrorCode::kInvalidArgument,
                      "--format {} takes one run, but {} are given; sft and dpo take several", flags.format,
                      flags.folders.size());
  }
  SAMARA_TRY(Run run, Run::open(flags.folders[0], Access::kRead));
  Exporter exporter(run, flags, output);
  return flags.what == "log" ? exporter.log() : exporter.archive();
}

Status export_command(const Flags& flags) {
  SAMARA_TRY(Output output, Output::open(flags.out));
  Status status = export_run(flags, output);
  if (status.ok()) status = output.close();
  if (!status.ok()) output.discard();
  return status;
}

}  // namespace

void add_export(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "export", "The evaluation log or the archive as JSON lines or CSV, or training data for models",
      "  samara export runs/square --out log.jsonl\n"
      "  samara export runs/square --what archive --format csv\n"
      "  samara export runs/square --sources --out programs.jsonl\n"
      "  samara export --format sft --from runs/square runs/radial --out sft.jsonl\n"
      "  samara export --format sft --edits rewrite --from runs/square --out rewrites.jsonl\n"
      "  samara export --format dpo --from runs/square --min-improvement 1 --out dpo.jsonl");
  auto flags = std::make_shared<Flags>();
  command->add_option("run,--from", flags->folders, "Folder of the run; several for sft and dpo")
      ->required()
      ->type_name("DIR");
  command->add_option("--what", flags->what, "log: every proposal; archive: the elites, best first")
      ->check(CLI::IsMember({"log", "archive"}))
      ->capture_default_str();
  command
      ->add_option(
          "--format", flags->format,
          "jsonl or csv; sft: programs and the edits that were accepted, as chats; dpo: a better and "
          "a worse edit of the same program (docs/training-data.md)")
      ->check(CLI::IsMember({"jsonl", "csv", "sft", "dpo"}))
      ->capture_default_str();
  command->add_option("--out", flags->out, "File; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_flag("--sources", flags->sources, "With the programs' texts");
  command
      ->add_option(
          "--edits", flags->edits,
          "sft, dpo: edits as unified diffs, search-replace blocks or the whole new program (rewrite)")
      ->check(CLI::IsMember({"unified", "search-replace", "rewrite"}))
      ->capture_default_str();
  command
      ->add_option("--outcomes", flags->outcomes,
                   "sft: outcomes to take, default accepted; dpo: those of the worse edit, default "
                   "accepted,rejected")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  command
      ->add_option("--min-improvement", flags->min_improvement,
                   "Fitness gained over the parent (sft), or by the better over the worse edit (dpo)")
      ->type_name("X");
  command
      ->add_option("--pairs", flags->pairs,
                   "dpo: siblings, any two children of a program; niche: two in the same niche")
      ->check(CLI::IsMember({"siblings", "niche"}))
      ->capture_default_str();
  command->add_option("--instruction", flags->instruction, "sft, dpo: the sentence in front of the program")
      ->type_name("TEXT");
  command->callback([&chosen, flags] { chosen = [=] { return export_command(*flags); }; });
}

}  // namespace samara::cli
