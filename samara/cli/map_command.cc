// samara map: the archive of a run as a heat map, or its history as curves.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "samara/cli/command.h"
#include "samara/picture/chart.h"
#include "samara/picture/heat_map.h"
#include "samara/picture/image.h"
#include "samara/pipeline/run_history.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string folder;
  std::string out;
  bool curves = false;
  bool json = false;
};

std::string title_of(const Run& run, std::uint64_t proposals) {
  const RunSpec& spec = run.spec();
  const std::string tried = picture::number_text(static_cast<double>(proposals));
  if (spec.domain == "task") {
    return fmt::format("{}, {} programs tried", run.domain().name(), tried);
  }
  return fmt::format("{} from the {} seed, {} programs tried", spec.domain, spec.seed, tried);
}

picture::Canvas draw_map(const Run& run, const RunState& state) {
  picture::HeatMapOptions options;
  options.title = title_of(run, state.proposals());
  for (const BehaviorDimension& dimension : run.domain().behavior_dimensions()) {
    options.units.push_back(dimension.unit);
  }
  const std::span<const BehaviorAxis> axes = state.archive().map().axes();
  if (axes.size() > 1 && axes[0].name == "height")
    std::swap(options.x_axis, options.y_axis);  // height runs up
  return picture::draw_heat_map(state.archive(), options);
}

template <typename Value>
picture::ChartSeries series(std::string name, const std::vector<Moment>& moments, const Value& value) {
  picture::ChartSeries line{std::move(name), {}};
  for (const Moment& moment : moments)
    line.points.push_back({static_cast<double>(moment.proposals), value(moment)});
  return line;
}

/// The share of each outcome among the programs of a stretch of the run, for every outcome that occurs.
std::vector<picture::ChartSeries> outcome_shares(const std::vector<Moment>& moments) {
  constexpr std::size_t kStretches = 60;
  const std::size_t every = std::max<std::size_t>(1, moments.size() / kStretches);
  std::vector<picture::ChartSeries> shares;
  for (std::size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
    if (moments.empty() || moments.back().outcomes[outcome] == 0) continue;
    std::string name(outcome_name(static_cast<Outcome>(outcome)));
    std::replace(name.begin(), name.end(), '_', ' ');
    picture::ChartSeries line{std::move(name), {}};
    for (std::size_t i = every; i < moments.size(); i += every) {
      const Moment& from = moments[i - every];
      const Moment& to = moments[i];
      if (to.proposals == from.proposals) continue;
      const double share = static_cast<double>(to.outcomes[outcome] - from.outcomes[outcome]) /
                           static_cast<double>(to.proposals - from.proposals);
      line.points.push_back({static_cast<double>(to.proposals), 100.0 * share});
    }
    shares.push_back(std::move(line));
  }
  return shares;
}

picture::Canvas draw_curves(const Run& run, const std::vector<Moment>& moments) {
  const auto chart = [](std::string y_title, std::vector<picture::ChartSeries> lines) {
    picture::Chart chart;
    chart.x_title = "programs tried";
    chart.y_title = std::move(y_title);
    chart.series = std::move(lines);
    chart.height = 190.0;
    return chart;
  };
  picture::Chart qd_score =
      chart("QD score", {series("QD score", moments, [](const Moment& m) { return m.stats.qd_score; })});
  qd_score.title = title_of(run, moments.empty() ? 0 : moments.back().proposals);
  return picture::draw_charts(
      {std::move(qd_score),
       chart("coverage (%)",
             {series("coverage", moments, [](const Moment& m) { return 100.0 * m.stats.coverage; })}),
       chart("fitness",
             {series("best", moments, [](const Moment& m) { return m.stats.obj_max.value_or(0.0); }),
              series("mean of the elites", moments,
                     [](const Moment& m) { return m.stats.obj_mean.value_or(0.0); })}),
       chart("outcomes (%)", outcome_shares(moments))});
}

Status map_command(const Flags& flags) {
  SAMARA_TRY(Run run, Run::open(flags.folder, Access::kRead));
  const char* name = flags.curves ? "curves.png" : "map.png";
  const std::filesystem::path default_out = std::filesystem::path(flags.folder) / name;
  const std::filesystem::path out = flags.out.empty() ? default_out : std::filesystem::path(flags.out);
  nlohmann::ordered_json json;
  json["file"] = out.string();
  if (flags.curves) {
    SAMARA_TRY(const std::vector<Moment> moments, run_history(run));
    SAMARA_TRY_STATUS(picture::save(draw_curves(run, moments), out));
    json["shows"] = {"qd_score", "coverage", "fitness", "outcomes"};
    json["iterations"] = moments.size();
  } else {
    SAMARA_TRY(const RunState state, run.state());
    SAMARA_TRY_STATUS(picture::save(draw_map(run, state), out));
    json["shows"] = {"archive"};
    json["elites"] = state.archive().elites().size();
    json["niches"] = state.archive().map().size();
  }
  print(flags.json ? json.dump(2) + "\n" : out.string() + "\n");
  return {};
}

}  // namespace

void add_map(CLI::App& app, Action& chosen) {
  CLI::App* command =
      add_subcommand(app, "map", "Draw the archive of a run as a heat map, or its history as curves",
                     "  samara map runs/square\n"
                     "  samara map runs/square --out map.svg\n"
                     "  samara map runs/square --curves --out curves.png");
  auto flags = std::make_shared<Flags>();
  command->add_option("run", flags->folder, "Folder of the run")->required()->type_name("DIR");
  command
      ->add_option("--out", flags->out,
                   "Picture to write, .png or .svg; map.png in the run's folder by default")
      ->type_name("FILE");
  command->add_flag("--curves", flags->curves, "Draw QD score, coverage, fitness and outcomes over the run");
  command->add_flag("--json", flags->json, "Print JSON: the file and what it shows");
  command->callback([&chosen, flags] { chosen = [=] { return map_command(*flags); }; });
}

}  // namespace samara::cli
