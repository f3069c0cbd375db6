// samara compare: runs side by side, as a table at equal numbers of programs tried and as curves.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <tuple>

#include "samara/cli/command.h"
#include "samara/lm/model.h"
#include "samara/picture/chart.h"
#include "samara/picture/image.h"
#include "samara/pipeline/run_comparison.h"
#include "samara/pipeline/run_models.h"

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
    {"elites' mean", "mean_fitness", Figure::kMean, false},
    {"valid", "valid_share", Figure::kValid, true},
    {"runnable", "runnable_share", Figure::kRunnable, true},
    {"accepted", "accepted_share", Figure::kAccepted, true},
};

struct NamedFolders {
  std::string name;
  std::vector<std::string> folders;
};

/// A name, `tuned:`, goes before the runs of its group. Runs that no name goes before are groups of their
/// own.
Result<std::vector<NamedFolders>> group_arguments(const std::vector<std::string>& arguments) {
  std::vector<NamedFolders> groups;
  std::optional<std::size_t> named;
  for (const std::string& argument : arguments) {
    if (argument.size() > 1 && argument.ends_with(':')) {
      const std::string name = argument.substr(0, argument.size() - 1);
      const auto known = std::find_if(groups.begin(), groups.end(),
                                      [&](const NamedFolders& group) { return group.name == name; });
      named = static_cast<std::size_t>(known - groups.begin());
      if (known == groups.end()) groups.push_back({name, {}});
    } else if (named) {
      groups[*named].folders.push_back(argument);
    } else {
      groups.push_back({argument, {argument}});
    }
  }
  for (const NamedFolders& group : groups) {
    if (!group.folders.empty()) continue;
    return make_error(ErrorCode::kInvalidArgument, "no runs follow '{}:'; put their folders behind the name",
                      group.name);
  }
  return groups;
}

/// What runs of a group have in common, one setting a line: all but what differs between repetitions.
std::string common_settings(RunSpec spec) {
  spec.rng_seed = 0;
  spec.iterations = 0;
  spec.workers = 0;
  spec.task = spec.model = "";  // folders of the run itself
  return write_spec(spec);
}

/// The line of `a` that `b` has otherwise.
std::string first_difference(const std::string& a, const std::string& b) {
  std::istringstream lines(a), others(b);
  std::string line, other;
  while (std::getline(lines, line) && std::getline(others, other)) {
    if (line != other) return line;
  }
  return line;
}

/// Digest of the model that the run began with; empty where it writes with none.
Result<std::string> model_of(const std::string& folder, const Run& run) {
  if (!run.spec().has_operator("diff")) return std::string();
  SAMARA_TRY(const lm::Model model, lm::load_model(RunModels(folder, run.spec()).folder_of(0)));
  return lm::model_digest(model);
}

/// What the figures of two runs must have in common to be compared.
auto scale_of(const Run& run) {
  const RunSpec& spec = run.spec();
  return std::tuple(run.domain().name(), spec.map, spec.bins, spec.niches, spec.qd_offset);
}

/// Opens runs and sees to it that they can be compared.
class Reader {
 public:
  Result<RunGroup> read(const NamedFolders& named) {
    RunGroup group{named.name, {}};
    std::map<std::uint64_t, std::string> by_rng_seed;
    std::string settings, model;
    for (const std::string& folder : named.folders) {
      SAMARA_TRY(Run run, Run::open(folder, Access::kRead));
      if (!scale_) std::tie(scale_, first_) = std::pair(scale_of(run), folder);
      if (scale_of(run) != *scale_) {
        return make_error(ErrorCode::kInvalidArgument,
                          "{} evolves something else than {}, or keeps it in another map: their coverage and "
                          "QD scores do not compare",
                          folder, first_);
      }
      const auto [same, is_new] = by_rng_seed.emplace(run.spec().rng_seed, folder);
      if (!is_new) {
        return make_error(
            ErrorCode::kInvalidArgument,
            "{} and {} have the same random seed, {}, so they do not count as two of '{}'; give "
            "one of them, or another name",
            same->second, folder, same->first, named.name);
      }
      const std::string own = common_settings(run.spec());
      if (settings.empty()) settings = own;
      if (own != settings) {
        return make_error(ErrorCode::kInvalidArgument,
                          "{} and {} differ in more than their random seeds: {} has {}; put another 'NAME:' "
                          "in front of one of them",
                          named.folders[0], folder, folder, first_difference(own, settings));
      }
      const bool alone = named.folders.size() == 1;
      SAMARA_TRY(const std::string own_model, alone ? std::string() : model_of(folder, run));
      if (model.empty()) model = own_model;
      if (own_model != model) {
        return make_error(
            ErrorCode::kInvalidArgument,
            "{} and {} write with different models; put another 'NAME:' in front of one of them",
            named.folders[0], folder);
      }
      SAMARA_TRY(std::vector<Moment> moments, run_history(run));
      if (moments.empty() || moments.back().proposals == 0) {
        return make_error(ErrorCode::kInvalidArgument, "{} has no iteration yet; leave it out", folder);
      }
      group.runs.push_back(std::move(moments));
    }
    return group;
  }

 private:
  std::optional<decltype(scale_of(std::declval<const Run&>()))> scale_;
  std::string first_;
};

std::string text_of(const Estimate& estimate, bool percent) {
  const auto text = [&](double value) {
    return percent ? fmt::format("{:.1f}", 100.0 * value) : picture::number_text(value);
  };
  const std::string mean = text(estimate.mean) + (percent ? "%" : "");
  return estimate.has_interval() ? fmt::format("{} ± {}", mean, text(estimate.half_width)) : mean;
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
      if (estimate.has_interval()) entry[column.key]["interval"] = {estimate.low(), estimate.high()};
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
        // Nothing is outside of 0 to 100%, wherever the interval may end.
        point.low = scale * (column.percent ? std::max(y.low(), 0.0) : y.low());
        point.high = scale * (column.percent ? std::min(y.high(), 1.0) : y.high());
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
  Reader reader;
  for (const NamedFolders& group : named) {
    SAMARA_TRY(RunGroup read, reader.read(group));
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
  nlohmann::ordered_json json = as_json(groups, at);
  if (!flags.out.empty()) json["file"] = flags.out;
  print(flags.json ? json.dump(2) + "\n" : table(groups, at) + (flags.out.empty() ? "" : flags.out + "\n"));
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
      ->add_option(
          "run", flags->runs,
          "Folders of runs. 'NAME:' makes a group of those behind it, which differ in their random seeds: "
          "means with 95% intervals (Student's t)")
      ->required()
      ->type_name("[NAME:] DIR");
  command->add_option("--at", flags->at,
                      "Programs tried to compare at; by default the most that all runs have tried");
  command->add_option("--out", flags->out, "Picture of the curves to write, .png or .svg")->type_name("FILE");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return compare_command(*flags); }; });
}

}  // namespace samara::cli
