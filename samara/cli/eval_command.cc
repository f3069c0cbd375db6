// samara eval: runs one program and says how it ended, what it scored and where it would go.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "samara/archive/grid_map.h"
#include "samara/base/file.h"
#include "samara/cli/spec_flags.h"
#include "samara/domain/task/task_domain.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string domain;
  std::string file;
  bool json = false;
};

Result<std::string> read_program(const std::string& file) {
  if (file != "-") return read_file(file, std::size_t{1} << 24);
  return read_file("/dev/stdin", std::size_t{1} << 24);
}

std::string niche_text(const NicheMap& map, std::uint32_t niche) {
  const auto* grid = dynamic_cast<const GridMap*>(&map);
  return grid ? fmt::format("{}", fmt::join(grid->coordinates(niche), ",")) : fmt::format("{}", niche);
}

nlohmann::ordered_json evaluation_json(const Program& program, const Evaluation& evaluation,
                                       const NicheMap& map) {
  nlohmann::ordered_json json;
  json["program"] = program.id().hex();
  if (const Failure* failure = std::get_if<Failure>(&evaluation)) {
    json["outcome"] = outcome_name(failure->outcome);
    json["message"] = failure->message;
    if (!failure->details.empty()) json["details"] = nlohmann::ordered_json::parse(failure->details);
    return json;
  }
  const Score& score = std::get<Score>(evaluation);
  const std::uint32_t niche = map.niche_of(score.behavior);
  json["outcome"] = "scored";
  json["fitness"] = score.fitness;
  for (std::size_t i = 0; i < score.behavior.size(); ++i)
    json["behavior"][map.axes()[i].name] = score.behavior[i];
  json["niche"] = niche;
  if (const auto* grid = dynamic_cast<const GridMap*>(&map))
    json["niche_coordinates"] = grid->coordinates(niche);
  if (!score.details.empty()) json["details"] = nlohmann::ordered_json::parse(score.details);
  return json;
}

std::string evaluation_text(const Program& program, const Evaluation& evaluation, const NicheMap& map) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<9} {}\n", name, value);
  };
  line("program", program.id().short_hex());
  if (const Failure* failure = std::get_if<Failure>(&evaluation)) {
    line("outcome", std::string(outcome_name(failure->outcome)));
    line("message", failure->message);
    return text;
  }
  const Score& score = std::get<Score>(evaluation);
  line("outcome", "scored");
  line("fitness", fmt::format("{:.4f}", score.fitness));
  for (std::size_t i = 0; i < score.behavior.size(); ++i) {
    line(map.axes()[i].name.c_str(), fmt::format("{:g}", score.behavior[i]));
  }
  line("niche", niche_text(map, map.niche_of(score.behavior)));
  return text;
}

Status eval_command(const Flags& flags, const SpecFlags& spec_flags) {
  SAMARA_TRY(const RunSpec defaults, spec_of_target(flags.domain));
  SAMARA_TRY(const RunSpec spec, spec_flags.resolve(defaults));
  SAMARA_TRY(const std::unique_ptr<Domain> domain, load_domain(spec, spec.task));
  SAMARA_TRY(const std::shared_ptr<const NicheMap> map, make_niche_map(spec, *domain));
  const auto* task = spec.domain == "task" ? static_cast<const task::TaskDomain*>(domain.get()) : nullptr;
  if (!task && flags.file.empty()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "name the program to evaluate; only a task has one by itself");
  }
  SAMARA_TRY(std::string source, flags.file.empty()          ? Result<std::string>(task->seeds()[0].source)
                                 : task && flags.file != "-" ? task->read_program(flags.file)
                                                             : read_program(flags.file));
  const Program program(std::move(source));

  SAMARA_TRY(const std::unique_ptr<PythonRunner> runner, start_runner(spec));
  SAMARA_TRY(const std::unique_ptr<Evaluator> evaluator, make_evaluator(spec, *domain, *runner));
  const Program* const programs[] = {&program};
  SAMARA_TRY(const std::vector<Evaluation> evaluations, evaluator->evaluate(programs));
  print(flags.json ? evaluation_json(program, evaluations[0], *map).dump(2) + "\n"
                   : evaluation_text(program, evaluations[0], *map));
  return {};
}

}  // namespace

void add_eval(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "eval", "Run one program, contained, and print outcome, fitness, behavior and niche",
      "  samara eval sodarace robot.py\n"
      "  samara eval sine sine/program.py\n"
      "  samara eval sodarace robot.py --simulator box2d --json\n"
      "  samara show runs/square --best --source | samara eval sodarace -");
  auto flags = std::make_shared<Flags>();
  command->add_option("domain", flags->domain, "What the program is: sodarace, or the folder of a task")
      ->required()
      ->type_name("DOMAIN");
  command
      ->add_option("file", flags->file,
                   "The program; - reads standard input. Without, that which a task starts from")
      ->type_name("FILE");
  command->add_flag("--json", flags->json, "Print JSON");
  auto spec_flags = std::make_shared<SpecFlags>(*command);
  command->callback(
      [&chosen, flags, spec_flags] { chosen = [=] { return eval_command(*flags, *spec_flags); }; });
}

}  // namespace samara::cli
