#include "samara/cli/bench_mutation_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "samara/bugfix/summary.h"
#include "samara/cli/progress.h"
#include "samara/picture/chart.h"

namespace samara::cli {
namespace {

using bugfix::Cell;
using bugfix::GroupSummary;
using bugfix::Interval;
using bugfix::Tally;
using bugfix::Task;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// A share in percent with about three digits that count: "98.2", "1.23", "0.0040", "0".
std::string percent(double value) {
  const double percent = 100.0 * value;
  if (percent == 0.0) return "0";
  return fmt::format("{:.{}f}", percent, percent >= 10.0 ? 1 : percent >= 1.0 ? 2 : percent >= 0.1 ? 3 : 4);
}

std::string percent(const Interval& interval) {
  return fmt::format("{} - {}", percent(interval.low), percent(interval.high));
}

std::vector<GroupSummary> summaries_of(const MutationResults& results) {
  return bugfix::summarize(results.tasks, results.report.cells, results.options.seed);
}

std::size_t group_size(const MutationResults& results, const std::string& group) {
  return static_cast<std::size_t>(std::count_if(results.tasks.begin(), results.tasks.end(),
                                                [&](const Task& task) { return task.group == group; }));
}

nlohmann::ordered_json interval_json(const Interval& interval) {
  return nlohmann::ordered_json::array({interval.low, interval.high});
}

nlohmann::ordered_json cell_json(const MutationResults& results, const Cell& cell) {
  const Tally& tally = cell.tally;
  const Task& task = results.tasks[cell.task];
  return {{"task", task.name},
          {"group", task.group},
          {"bugs", cell.bugs},
          {"operator", results.contenders[cell.contender].name},
          {"trials", tally.trials},
          {"trials_planned", cell.planned},
          {"valid", tally.valid},
          {"changed", tally.changed},
          {"runnable", tally.runnable},
          {"solved", tally.solved},
          {"success", share(tally.solved, tally.trials)},
          {"success_interval", interval_json(bugfix::wilson_interval(tally.solved, tally.trials))}};
}

nlohmann::ordered_json summary_json(const MutationResults& results, const GroupSummary& summary) {
  return {{"group", summary.group},
          {"bugs", summary.bugs},
          {"operator", results.contenders[summary.contender].name},
          {"tasks", summary.tasks},
          {"tasks_solved", summary.solved},
          {"valid", summary.valid},
          {"runnable", summary.runnable},
          {"success", summary.success},
          {"success_interval", interval_json(summary.interval)}};
}

}  // namespace

std::string mutation_table(const MutationResults& results, bool every_task) {
  std::size_t task_width = 4;
  std::size_t name_width = 8;
  for (const Task& task : results.tasks) task_width = std::max(task_width, task.name.size());
  for (const auto& contender : results.contenders) name_width = std::max(name_width, contender.name.size());

  std::string rows;
  for (const Cell& cell : results.report.cells) {
    const Task& task = results.tasks[cell.task];
    const Tally& tally = cell.tally;
    if (tally.trials == 0 || (!every_task && group_size(results, task.group) > 1)) continue;
    rows +=
        fmt::format("{:{}}  {:4}  {:{}}  {:>10}  {:>6}  {:>8}  {:>8}  {}\n", task.name, task_width, cell.bugs,
                    results.contenders[cell.contender].name, name_width, grouped(tally.trials),
                    percent(share(tally.valid, tally.trials)), percent(share(tally.runnable, tally.trials)),
                    percent(share(tally.solved, tally.trials)),
                    percent(bugfix::wilson_interval(tally.solved, tally.trials)));
  }
  std::string table;
  if (!rows.empty()) {
    table += fmt::format("{:{}}  {:>4}  {:{}}  {:>10}  {:>6}  {:>8}  {:>8}  {}\n", "task", task_width, "bugs",
                         "operator", name_width, "trials", "valid%", "runs%", "success%", "95% interval");
    table += rows;
  }

  std::string means;
  for (const GroupSummary& summary : summaries_of(results)) {
    if (group_size(results, summary.group) == 1) continue;
    means += fmt::format("{:{}}  {:4}  {:{}}  {:>6}  {:>12}  {:>6}  {:>8}  {:>8}  {}\n", summary.group,
                         task_width, summary.bugs, results.contenders[summary.contender].name, name_width,
                         summary.tasks, summary.solved, percent(summary.valid), percent(summary.runnable),
                         percent(summary.success), percent(summary.interval));
  }
  if (!means.empty()) {
    table += fmt::format("{}Means over the tasks of a group, with intervals over tasks\n",
                         table.empty() ? "" : "\n");
    table += fmt::format("{:{}}  {:>4}  {:{}}  {:>6}  {:>12}  {:>6}  {:>8}  {:>8}  {}\n", "group", task_width,
                         "bugs", "operator", name_width, "tasks", "solved once", "valid%", "runs%",
                         "success%", "95% interval");
    table += means;
  }
  return table;
}

nlohmann::ordered_json mutation_json(const MutationResults& results) {
  nlohmann::ordered_json json;
  json["samara"] = SAMARA_VERSION;
  json["seed"] = results.options.seed;
  json["cpu_limit_ms"] = results.options.cpu_limit.count();
  json["complete"] = !results.report.stopped;
  for (const auto& contender : results.contenders) {
    nlohmann::ordered_json facts = {{"name", contender.name}};
    facts.update(contender.facts.is_null() ? nlohmann::ordered_json::object() : contender.facts);
    json["operators"].push_back(std::move(facts));
  }
  for (const Task& task : results.tasks) {
    nlohmann::ordered_json one = {{"name", task.name},
                                  {"message", task.hint.message},
                                  {"correct", task.correct.id().hex()},
                                  {"cases", task.cases.size()}};
    for (const Program& buggy : task.buggy) one["buggy"].push_back(buggy.id().hex());
    json["tasks"].push_back(std::move(one));
  }
  for (const Cell& cell : results.report.cells) json["cells"].push_back(cell_json(results, cell));
  for (const GroupSummary& summary : summaries_of(results)) {
    json["groups"].push_back(summary_json(results, summary));
  }
  json["timing"]["seconds"] = results.report.seconds;
  for (std::size_t c = 0; c < results.contenders.size(); ++c) {
    json["timing"]["worker_seconds"][results.contenders[c].name] = results.report.worker_seconds[c];
  }
  return json;
}

picture::Canvas mutation_chart(const MutationResults& results) {
  const std::vector<GroupSummary> summaries = summaries_of(results);
  std::vector<picture::Chart> charts;
  for (const Task& task : results.tasks) {
    if (!charts.empty() && charts.back().title == task.group) continue;
    picture::Chart chart;
    chart.title = task.group;
    const std::size_t size = group_size(results, task.group);
    chart.caption = size > 1 ? fmt::format("mean of {} tasks; 95% interval over tasks", size)
                             : "95% interval; where nothing succeeded there is no point";
    chart.x_title = "bugs";
    chart.whole_x = true;
    chart.y_title = "success (%)";
    chart.y_scale = picture::Scale::Kind::kLogarithmic;
    // Where an interval reaches 0, its bar ends at the bottom of the plot.
    double lowest = std::numeric_limits<double>::infinity();
    for (const GroupSummary& summary : summaries) {
      if (summary.group != task.group || summary.success == 0.0) continue;
      lowest = std::min(lowest, 100.0 * std::max(summary.interval.low, summary.success / 10.0));
    }
    for (std::size_t c = 0; c < results.contenders.size(); ++c) {
      picture::ChartSeries series{
          .name = results.contenders[c].name, .points = {}, .line = true, .markers = true};
      for (const GroupSummary& summary : summaries) {
        if (summary.group != task.group || summary.contender != c) continue;
        series.points.push_back({static_cast<double>(summary.bugs), 100.0 * summary.success,
                                 std::max(lowest, 100.0 * summary.interval.low),
                                 100.0 * summary.interval.high});
      }
      chart.series.push_back(std::move(series));
    }
    charts.push_back(std::move(chart));
  }
  return picture::draw_charts(charts);
}

}  // namespace samara::cli
