// samara export: the evaluation log or the archive as JSON lines or CSV, for other tools.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/cli/pick.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  std::string what = "log";
  std::string format = "jsonl";
  std::string out = "-";
  bool sources = false;
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

Status export_command(const Flags& flags) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kRead));
  SAMARA_TRY(Output output, Output::open(flags.out));
  Exporter exporter(run, flags, output);
  Status status = flags.what == "log" ? exporter.log() : exporter.archive();
  if (status.ok()) status = output.close();
  if (!status.ok()) output.discard();
  return status;
}

}  // namespace

void add_export(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "export", "The evaluation log, or the archive, as JSON lines or CSV",
                     "  samara export runs/square --out log.jsonl\n"
                     "  samara export runs/square --what archive --format csv\n"
                     "  samara export runs/square --sources --out programs.jsonl");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  command->add_option("--what", flags->what, "log: every proposal; archive: the elites, best first")
      ->check(CLI::IsMember({"log", "archive"}))
      ->capture_default_str();
  command->add_option("--format", flags->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  command->add_option("--out", flags->out, "File; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_flag("--sources", flags->sources, "With the programs' texts");
  command->callback([&chosen, flags] { chosen = [=] { return export_command(*flags); }; });
}

}  // namespace samara::cli
