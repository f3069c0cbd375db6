// samara show: a program of a run: its text, how it ended, and the edits that led to it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "samara/base/text.h"
#include "samara/cli/pick.h"
#include "samara/patch/line_diff.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  bool source = false;
  bool lineage = false;
  bool json = false;
};

struct Ancestor {
  Record record;
  std::string source;
};

/// The program and its first parents back to the seed, youngest first.
Result<std::vector<Ancestor>> ancestry(RunStore& store, ProgramId id) {
  std::vector<Ancestor> line;
  while (true) {
    SAMARA_TRY(Record record, store.first_record(id));
    SAMARA_TRY(std::string source, store.program_source(id));
    line.push_back({std::move(record), std::move(source)});
    if (line.back().record.parents.empty()) return line;
    id = line.back().record.parents.front();
  }
}

std::string how_it_ended(const Record& record) {
  if (record.score)
    return fmt::format("{}, fitness {:.4f}", outcome_name(record.outcome), record.score->fitness);
  return record.message.empty() ? std::string(outcome_name(record.outcome))
                                : fmt::format("{}: {}", outcome_name(record.outcome), record.message);
}

nlohmann::ordered_json record_json(const Ancestor& ancestor, const Archive& archive) {
  const Record& record = ancestor.record;
  nlohmann::ordered_json json;
  json["program"] = record.program->hex();
  json["iteration"] = record.iteration;
  json["slot"] = record.slot;
  json["outcome"] = outcome_name(record.outcome);
  if (record.score) {
    json["fitness"] = record.score->fitness;
    json["behavior"] = record.score->behavior;
    json["niche"] = archive.map().niche_of(record.score->behavior);
  }
  if (!record.details.empty())
    json["details"] = nlohmann::ordered_json::parse(record.details, nullptr, false);
  json["note"] = sanitize_utf8(record.note);
  json["message"] = sanitize_utf8(record.message);
  json["parents"] = nlohmann::ordered_json::array();
  for (const ProgramId& parent : record.parents) json["parents"].push_back(parent.hex());
  json["source"] = sanitize_utf8(ancestor.source);
  return json;
}

std::string record_text(const Ancestor& ancestor, const Archive& archive) {
  const Record& record = ancestor.record;
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("# {:<9} {}\n", name, value);
  };
  line("program", record.program->hex());
  line("born", fmt::format("iteration {}, slot {}: {}", record.iteration, record.slot, record.note));
  line("outcome", how_it_ended(record));
  if (record.score) {
    for (std::size_t i = 0; i < record.score->behavior.size(); ++i) {
      line(archive.map().axes()[i].name.c_str(), fmt::format("{:g}", record.score->behavior[i]));
    }
  }
  const nlohmann::json details = nlohmann::json::parse(record.details, nullptr, false);
  if (details.is_object() && details.contains("metrics")) line("metrics", details["metrics"].dump());
  return text + "\n" + ancestor.source;
}

std::string lineage_text(const std::vector<Ancestor>& line) {
  std::string text;
  for (std::size_t i = line.size(); i-- > 0;) {
    const Record& record = line[i].record;
    text += fmt::format("## {} iteration {}: {} ({})\n", record.program->short_hex(), record.iteration,
                        record.note, how_it_ended(record));
    text += i + 1 == line.size() ? line[i].source : unified_diff(line[i + 1].source, line[i].source, 1);
    text += "\n";
  }
  return text;
}

Status show_command(const Flags& flags, const PickFlags& pick) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kRead));
  SAMARA_TRY(const RunState state, run.state());
  SAMARA_TRY(const ProgramId id, pick.resolve(run, state));
  SAMARA_TRY(const std::vector<Ancestor> line, ancestry(run.store(), id));
  if (flags.json) {
    nlohmann::ordered_json json = record_json(line.front(), state.archive());
    if (flags.lineage) {
      for (std::size_t i = 1; i < line.size(); ++i)
        json["lineage"].push_back(record_json(line[i], state.archive()));
    }
    print(json.dump(2) + "\n");
  } else if (flags.source) {
    print(line.front().source);
  } else {
    print(flags.lineage ? lineage_text(line) : record_text(line.front(), state.archive()));
  }
  return {};
}

}  // namespace

void add_show(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "show", "A program of a run: text, outcome, and its lineage as diffs",
                     "  samara show runs/square\n"
                     "  samara show runs/square --program 3f2a --lineage\n"
                     "  samara show runs/square --niche 5,5,1 --source > robot.py");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  CLI::Option* source =
      command->add_flag("--source", flags->source, "Print the program's text and nothing else");
  command->add_flag("--lineage", flags->lineage, "Print every edit from the seed to the program")
      ->excludes(source);
  command->add_flag("--json", flags->json, "Print JSON")->excludes(source);
  auto pick = std::make_shared<PickFlags>(*command);
  command->callback([&chosen, flags, pick] { chosen = [=] { return show_command(*flags, *pick); }; });
}

}  // namespace samara::cli
