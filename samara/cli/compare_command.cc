// samara compare: runs side by side, as a table at equal numbers of programs tried and as curves.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "samara/cli/command.h"
#include "samara/picture/chart.h"
#include "samara/picture/image.h"
#include "samara/pipeline/run_comparison.h"

namespace samara::cli {
namespace {

struct Flags {
  std::vector<std::string> runs;
  std::uint64_t at = 0;
  std::string out;
  bool json = false;
};

struct Column {
  const char* title;
  const char* key;
  Figure figure;
  bool percent;
};
constexpr Column kColumns[] = {
    {"QD score", "qd_score", Figure::kQdScore, false},
    {"coverage", "coverage", Figure::kCoverage, true},
    {"best", "max_fitness", Figure::kBest, false},
    {"mean", "mean_fitness", Figure::kMean, false},
    {"valid", "valid_share", Figure::kValid, true},
    {"runnable", "runnable_share", Figure::kRunnable, true},
    {"accepted", "accepted_share", Figure::kAccepted, true},
};

/// A name, `tuned:`, goes before the runs of its group; a run without one is a group of its own.
struct NamedFolders {
  std::string name;
  std::vector<std::string> folders;
};

Result<std::vector<NamedFolders>> group_arguments(const std::vector<std::string>& arguments) {
  std::vector<NamedFolders> groups;
  bool named = false;
  for (const std::string& argument : arguments) {
    if (argument.size() > 1 && argument.ends_with(':')) {
      groups.push_back({argument.substr(0, argument.size() - 1), {}});
      named = true;
    } else if (named) {
      groups.back().folders.push_back(argument);
    } else {
      const std::filesystem::path folder = std::filesystem::path(argument + "/").lexically_normal();
      groups.push_back({folder.parent_path().filename().string(), {argument}});
    }
  }
  for (const NamedFolders& group : groups) {
    if (!group.folders.empty()) continue;
    return make_error(ErrorCode::kInvalidArgument, "no runs follow '{}:'; put their folders behind the name",
                      group.name);
  }
  return groups;
}

Result<RunGroup> read_group(const NamedFolders& named) {
  RunGroup group{named.name, {}};
  std::vector<std::pair<std::uint64_t, std::string>> rng_seeds;
  for (const std::string& folder : named.folders) {
    SAMARA_TRY(Run run, Run::open(folder, Access::kRead));
    const std::uint64_t rng_seed = run.spec().rng_seed;
    const auto same = std::find_if(rng_seeds.begin(), rng_seeds.end(),
                                   [&](const auto& other) { return other.first == rng_seed; });
    if (same != rng_seeds.end()) {
      return make_error(ErrorCode::kInvalidArgument,
                        "{} and {} have the same random seed, {}, so they do not count as two of '{}'; give "
                        "one of them, or another name",
                        same->second, folder, rng_seed, named.name);
    }
    rng_seeds.emplace_back(rng_seed, folder);
    SAMARA_TRY(std::vector<Moment> moments, run_history(run));
    if (moments.empty() || moments.back().proposals == 0) {
      return make_error(ErrorCode::kInvalidArgument, "{} has no iteration yet; leave it out", folder);
    }
    group.runs.push_back(std::move(moments));
  }
  return group;
}

std::string text_of(const Estimate& estimate, bool percent) {
  const double scale = percent ? 100.0 : 1.0;
  const char* const unit = percent ? "%" : "";
  if (!estimate.has_interval()) return fmt::format("{:.1f}{}", scale * estimate.mean, unit);
  return fmt::format("{:.1f}{} ± {:.1f}", scale * estimate.mean, unit,
                     scale * (estimate.high - estimate.mean));
}

/// Characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string table(const std::vector<RunGroup>& groups, std::uint64_t at) {
  std::vector<std::vector<std::string>> rows = {{"", "runs"}};
  for (const Column& column : kColumns) rows[0].emplace_back(column.title);
  for (const RunGroup& group : groups) {
    std::vector<std::string> row = {group.name, std::to_string(group.runs.size())};
    for (const Column& column : kColumns) {
      row.push_back(text_of(group.at(column.figure, static_cast<double>(at)), column.percent));
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text = fmt::format("after {} programs tried:\n", picture::number_text(static_cast<double>(at)));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      text += i == 0 ? row[i] + space : "  " + space + row[i];
    }
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json as_json(const std::vector<RunGroup>& groups, std::uint64_t at) {
  nlohmann::ordered_json json;
  json["evaluations"] = at;
  for (const RunGroup& group : groups) {
    nlohmann::ordered_json& entry = json["groups"].emplace_back();
    entry["name"] = group.name;
    entry["runs"] = group.runs.size();
    for (const Column& column : kColumns) {
      const Estimate estimate = group.at(column.figure, static_cast<double>(at));
      entry[column.key] = {{"mean", estimate.mean}};
      if (estimate.has_interval()) entry[column.key]["interval"] = {estimate.low, estimate.high};
    }
  }
  return json;
}

picture::Canvas draw(const std::vector<RunGroup>& groups) {
  std::vector<picture::Chart> charts;
  for (const Figure figure : {Figure::kQdScore, Figure::kCoverage, Figure::kValid, Figure::kRunnable}) {
    const Column& column = *std::find_if(std::begin(kColumns), std::end(kColumns),
                                         [&](const Column& c) { return c.figure == figure; });
    picture::Chart& chart = charts.emplace_back();
    chart.x_title = "programs tried";
    chart.y_title = column.percent ? fmt::format("{} (%)", column.title) : column.title;
    chart.height = 190.0;
    const double scale = column.percent ? 100.0 : 1.0;
    for (const RunGroup& group : groups) {
      picture::ChartSeries& series = chart.series.emplace_back();
      series.name = group.name;
      constexpr int kPoints = 120;
      for (int i = 1; i <= kPoints; ++i) {
        const double x = static_cast<double>(group.reach()) * i / kPoints;
        const Estimate y = group.at(figure, x);
        picture::ChartPoint& point = series.points.emplace_back();
        point.x = x;
        point.y = scale * y.mean;
        if (!y.has_interval()) continue;
        point.low = scale * (column.percent ? std::max(y.low, 0.0) : y.low);
        point.high = scale * (column.percent ? std::min(y.high, 1.0) : y.high);
      }
    }
  }
  const bool several =
      std::any_of(groups.begin(), groups.end(), [](const RunGroup& group) { return group.runs.size() > 1; });
  if (several) charts.front().title = "Means over random seeds, with 95% intervals";
  return picture::draw_charts(charts);
}

Status compare_command(const Flags& flags) {
  SAMARA_TRY(const std::vector<NamedFolders> named, group_arguments(flags.runs));
  std::vector<RunGroup> groups;
  for (const NamedFolders& group : named) {
    SAMARA_TRY(RunGroup read, read_group(group));
    groups.push_back(std::move(read));
  }
  const auto least = std::min_element(groups.begin(), groups.end(), [](const RunGroup& a, const RunGroup& b) {
    return a.reach() < b.reach();
  });
  const std::uint64_t at = flags.at == 0 ? least->reach() : flags.at;
  if (at > least->reach()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "--at {} is more than the {} programs that all runs of '{}' have tried; carry them on "
                      "with samara resume, or compare at fewer",
                      at, least->reach(), least->name);
  }
  if (!flags.out.empty()) SAMARA_TRY_STATUS(picture::save(draw(groups), flags.out));
  print(flags.json ? as_json(groups, at).dump(2) + "\n" : table(groups, at));
  return {};
}

}  // namespace

void add_compare(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "compare", "Runs side by side: a table at equal numbers of programs tried, and curves",
      "  samara compare runs/a runs/b\n"
      "  samara compare gp: runs/square-gp-* tuned: runs/square-tuned-* --out compare.png\n"
      "  samara compare gp: runs/square-gp-* tuned: runs/square-tuned-* --at 20480 --json");
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("run", flags->runs,
                   "Folders of runs. 'NAME:' in front of some makes a group of them, which differ in their "
                   "random seeds: means with 95% intervals (Student's t)")
      ->required()
      ->type_name("[NAME:] DIR ...");
  command->add_option("--at", flags->at,
                      "Programs tried to compare at; by default the most that all runs have tried");
  command->add_option("--out", flags->out, "Picture of the curves to write, .png or .svg")->type_name("FILE");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return compare_command(*flags); }; });
}

}  // namespace samara::cli
