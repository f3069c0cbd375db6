// samara render: pictures of robots, moving and still, of a run or of one program.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/cli/pick.h"
#include "samara/domain/sodarace/behavior.h"
#include "samara/domain/sodarace/walker_builder.h"
#include "samara/picture/animation.h"
#include "samara/picture/image.h"
#include "samara/picture/scale.h"
#include "samara/picture/walker_picture.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string target;
  std::string out;
  std::string as;
  double seconds = 15.0;
  int moments = 6;
  std::uint32_t sheet = 0;
  bool diverse = false;
  bool allow_uncontained = false;
  bool json = false;
};

/// A program to draw and, if it comes from a run, what it scored there.
struct Subject {
  Program program;
  std::optional<double> fitness;
};

Result<std::vector<sodarace::Walker>> build(const RunSpec& spec, const std::vector<Subject>& subjects) {
  SAMARA_TRY(const std::unique_ptr<PythonRunner> runner, start_runner(spec));
  std::vector<const Program*> programs;
  for (const Subject& subject : subjects) programs.push_back(&subject.program);
  SAMARA_TRY(std::vector<sodarace::Build> builds, sodarace::build_walkers(*runner, kDomainHarness, programs));
  std::vector<sodarace::Walker> walkers;
  for (std::size_t i = 0; i < builds.size(); ++i) {
    if (const auto* failure = std::get_if<Failure>(&builds[i])) {
      return make_error(ErrorCode::kInvalidData, "program {} builds no robot: {}: {}",
                        subjects[i].program.id().short_hex(), outcome_name(failure->outcome),
                        failure->message);
    }
    walkers.push_back(std::get<sodarace::Walker>(std::move(builds[i])));
  }
  return walkers;
}

/// "height 10 units · width 8 units · mass 12 joints", or without the units.
std::string body_text(const sodarace::Walker& walker, bool units) {
  const Behavior behavior = sodarace::behavior_of(walker);
  const std::span<const BehaviorDimension> dimensions = sodarace::behavior_dimensions();
  std::string text;
  for (std::size_t i = 0; i < behavior.size(); ++i) {
    if (i > 0) text += " · ";
    text += fmt::format("{} {}", dimensions[i].name, picture::number_text(behavior[i]));
    if (units) text += fmt::format(" {}", dimensions[i].unit);
  }
  return text;
}

/// Elites of many kinds: the best one first, then again and again the one of the better half whose behavior
/// is farthest from all that were taken, axes scaled to their ranges.
std::vector<Elite> diverse_elites(const Archive& archive, std::size_t count) {
  std::vector<Elite> candidates = elites_by_fitness(archive);
  candidates.resize(std::max(std::min(count, candidates.size()), (candidates.size() + 1) / 2));
  const auto squared_distance = [&](const Elite& a, const Elite& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < archive.map().axes().size(); ++i) {
      const BehaviorAxis& axis = archive.map().axes()[i];
      const double difference = (a.score.behavior[i] - b.score.behavior[i]) / (axis.high - axis.low);
      sum += difference * difference;
    }
    return sum;
  };
  std::vector<Elite> taken{candidates.front()};
  std::vector<double> distance(candidates.size(), std::numeric_limits<double>::infinity());
  while (taken.size() < std::min(count, candidates.size())) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      distance[i] = std::min(distance[i], squared_distance(candidates[i], taken.back()));
    }
    const auto farthest = std::max_element(distance.begin(), distance.end());
    taken.push_back(candidates[static_cast<std::size_t>(farthest - distance.begin())]);
  }
  std::stable_sort(taken.begin(), taken.end(),
                   [](const Elite& a, const Elite& b) { return a.score.fitness > b.score.fitness; });
  return taken;
}

Result<std::vector<Subject>> sheet_subjects(Run& run, const RunState& state, const Flags& flags) {
  if (state.archive().elites().empty()) return make_error(ErrorCode::kNotFound, "the run has no elite yet");
  std::vector<Elite> elites =
      flags.diverse ? diverse_elites(state.archive(), flags.sheet) : elites_by_fitness(state.archive());
  elites.resize(std::min<std::size_t>(elites.size(), flags.sheet));
  std::vector<Subject> subjects;
  for (const Elite& elite : elites) {
    SAMARA_TRY(std::string source, run.store().program_source(elite.program));
    subjects.push_back({Program(std::move(source)), elite.score.fitness});
  }
  return subjects;
}

Status render_sheet(const RunSpec& spec, const std::vector<Subject>& subjects, const Flags& flags,
                    const std::filesystem::path& out, nlohmann::ordered_json& json) {
  SAMARA_TRY(const std::vector<sodarace::Walker> walkers, build(spec, subjects));
  const auto domain = make_domain(spec);
  std::vector<picture::SheetEntry> entries;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    SAMARA_TRY(picture::Recording rest,
               picture::record_walk(domain->simulator(), walkers[i], domain->terrain(), 0.0));
    entries.push_back({std::move(rest), *subjects[i].fitness, body_text(walkers[i], false)});
    json["programs"].push_back(subjects[i].program.id().hex());
  }
  picture::WalkerPictureOptions options;
  options.title = fmt::format("{} robots evolved from the {} seed", entries.size(), spec.seed);
  options.caption =
      fmt::format("{}; the number is the distance walked", flags.diverse ? "Diverse elites" : "The best");
  json["shows"] = "sheet";
  return picture::save(picture::draw_sheet(entries, options), out);
}

Status render_one(const RunSpec& spec, const Subject& subject, const Flags& flags,
                  const std::filesystem::path& out, nlohmann::ordered_json& json) {
  SAMARA_TRY(const std::vector<sodarace::Walker> walkers, build(spec, {subject}));
  const auto domain = make_domain(spec);
  SAMARA_TRY(const picture::Recording walk,
             picture::record_walk(domain->simulator(), walkers[0], domain->terrain(), flags.seconds));
  const std::string as = !flags.as.empty() ? flags.as : out.extension() == ".png" ? "strobe" : "animation";
  const std::string name =
      fmt::format("Robot {}  ·  {} units", subject.program.id().short_hex(),
                  picture::number_text(subject.fitness.value_or(std::fabs(walk.displacement))));
  json["shows"] = as;
  json["program"] = subject.program.id().hex();
  json["displacement"] = walk.displacement;
  if (as == "animation") {
    picture::AnimationOptions options;
    options.title = name;
    SAMARA_TRY(const picture::AnimationFacts facts, picture::save_animation(walk, out, options));
    json["frames"] = facts.frames;
    json["seconds"] = facts.seconds;
    return {};
  }
  picture::WalkerPictureOptions options;
  options.title = name;
  options.caption = body_text(walkers[0], true);
  return picture::save(
      as == "still" ? picture::draw_still(walk, options) : picture::draw_strobe(walk, flags.moments, options),
      out);
}

Status render_run(const Flags& flags, const PickFlags& pick, const std::filesystem::path& out,
                  nlohmann::ordered_json& json) {
  SAMARA_TRY(Run run, Run::open(flags.target, Access::kRead));
  SAMARA_TRY(const RunState state, run.state());
  RunSpec spec = run.spec();
  spec.allow_uncontained = flags.allow_uncontained;
  if (flags.sheet > 0) {
    SAMARA_TRY(const std::vector<Subject> subjects, sheet_subjects(run, state, flags));
    return render_sheet(spec, subjects, flags, out, json);
  }
  SAMARA_TRY(const ProgramId id, pick.resolve(run, state));
  SAMARA_TRY(std::string source, run.store().program_source(id));
  SAMARA_TRY(const Record record, run.store().first_record(id));
  std::optional<double> fitness;
  if (record.score) fitness = record.score->fitness;
  return render_one(spec, {Program(std::move(source)), fitness}, flags, out, json);
}

Status render_command(const Flags& flags, const PickFlags& pick, bool picked) {
  const bool is_run = std::filesystem::is_directory(flags.target);
  std::filesystem::path out = flags.out;
  if (out.empty()) {
    const char* name = flags.sheet > 0                               ? "sheet.png"
                       : flags.as.empty() || flags.as == "animation" ? "robot.gif"
                                                                     : "robot.png";
    out = is_run ? std::filesystem::path(flags.target) / name : std::filesystem::path(name);
  }
  nlohmann::ordered_json json;
  json["file"] = out.string();
  if (is_run) {
    SAMARA_TRY_STATUS(render_run(flags, pick, out, json));
  } else {
    if (picked || flags.sheet > 0) {
      return make_error(
          ErrorCode::kInvalidArgument,
          "{} is not the folder of a run, so --best, --program, --niche and --sheet pick nothing",
          flags.target);
    }
    SAMARA_TRY(std::string source, read_file(flags.target, std::size_t{1} << 24));
    RunSpec spec;
    spec.allow_uncontained = flags.allow_uncontained;
    SAMARA_TRY_STATUS(render_one(spec, {Program(std::move(source)), std::nullopt}, flags, out, json));
  }
  print(flags.json ? json.dump(2) + "\n" : out.string() + "\n");
  return {};
}

}  // namespace

void add_render(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "render", "Draw a robot: walking (GIF, MP4, SVG), as a strobe picture, at rest, or many",
      "  samara render runs/square\n"
      "  samara render runs/square --niche 5,5,1 --out walk.mp4 --seconds 8\n"
      "  samara render runs/square --out strobe.png\n"
      "  samara render runs/square --sheet 12 --diverse --out sheet.png\n"
      "  samara render robot.py --out robot.svg");
  auto flags = std::make_shared<Flags>();
  command->add_option("target", flags->target, "Folder of a run, or a Python file")
      ->required()
      ->type_name("DIR|FILE.py");
  command
      ->add_option(
          "--out", flags->out,
          "File to write: .gif, .mp4 or .svg for animations (.svg needs no ffmpeg), .png or .svg for stills")
      ->type_name("FILE");
  command
      ->add_option("--as", flags->as,
                   "animation, strobe or still; by default a .png is a strobe and the rest move")
      ->check(CLI::IsMember({"animation", "strobe", "still"}));
  command->add_option("--seconds", flags->seconds, "How much of the walk to show")
      ->check(CLI::Range(0.1, 15.0))
      ->capture_default_str();
  command->add_option("--moments", flags->moments, "Moments in a strobe picture")
      ->check(CLI::Range(2, 50))
      ->capture_default_str();
  CLI::Option* sheet =
      command->add_option("--sheet", flags->sheet, "Draw this many robots on one sheet, the best first")
          ->check(CLI::Range(1, 400))
          ->type_name("N");
  command->add_flag("--diverse", flags->diverse, "On the sheet: robots as different as possible")
      ->needs(sheet);
  command->add_flag("--allow-uncontained", flags->allow_uncontained,
                    "Run the program even if this machine cannot contain it; only for code you trust");
  command->add_flag("--json", flags->json, "Print JSON: the file and what it shows");
  auto pick = std::make_shared<PickFlags>(*command);
  command->callback([&chosen, command, flags, pick] {
    bool picked = false;
    for (const char* flag : {"--best", "--program", "--niche"})
      picked |= command->get_option(flag)->count() > 0;
    chosen = [=] { return render_command(*flags, *pick, picked); };
  });
}

}  // namespace samara::cli
