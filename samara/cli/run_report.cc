#include "samara/cli/run_report.h"

#include <fmt/format.h>

#include <cmath>

#include "samara/cli/command.h"
#include "samara/cli/progress.h"
#include "samara/pipeline/run_history.h"
#include "samara/store/reply_journal.h"

namespace samara::cli {
namespace {

using Json = nlohmann::ordered_json;

Json outcomes_json(const OutcomeCounts& outcomes) {
  Json json = Json::object();
  for (int i = 0; i < kOutcomeCount; ++i)
    json[std::string(outcome_name(static_cast<Outcome>(i)))] = outcomes[static_cast<std::size_t>(i)];
  return json;
}

Json island_json(const Archive& island) {
  const ArchiveStats stats = island.stats();
  return {{"num_elites", stats.num_elites},
          {"coverage", stats.coverage},
          {"qd_score", stats.qd_score},
          {"max_fitness", stats.obj_max ? Json(*stats.obj_max) : Json(nullptr)}};
}

/// What the run's last iteration says of its end.
Result<std::string> read_stopped_early(RunStore& store) {
  std::string reason;
  SAMARA_TRY_STATUS(store.for_each_iteration([&](std::uint32_t, std::string_view stats) -> Status {
    const Json json = Json::parse(stats, nullptr, /*allow_exceptions=*/false);
    reason = json.is_object() ? json.value("stopped_early", "") : "";
    return {};
  }));
  return reason;
}

}  // namespace

Json run_report_json(const RunState& state, std::uint32_t iterations, std::span<const std::string> arms,
                     const std::string& stopped_early) {
  const Moment now = moment_of(state, iterations);
  const ArchiveStats& stats = now.stats;
  Json json;
  json["iterations"] = iterations;
  json["evaluations"] = state.proposals();
  json["programs"] = state.programs_seen();
  json["niches"] = state.archive().map().size();
  json["num_elites"] = stats.num_elites;
  json["coverage"] = stats.coverage;
  json["qd_score"] = stats.qd_score;
  json["norm_qd_score"] = stats.norm_qd_score;
  json["max_fitness"] = stats.obj_max ? Json(*stats.obj_max) : Json(nullptr);
  json["mean_fitness"] = stats.obj_mean ? Json(*stats.obj_mean) : Json(nullptr);
  json["valid_share"] = now.valid_share();
  json["changed_share"] = now.changed_share();
  json["runnable_share"] = now.runnable_share();
  json["accepted_share"] = now.accepted_share();
  json["outcomes"] = outcomes_json(state.outcomes());
  Json& by_arm = json["arms"] = Json::object();
  const std::span<const double> weights = state.mixture().probabilities();
  for (std::size_t i = 0; i < arms.size(); ++i) {
    by_arm[arms[i]] = {{"probability", weights[i]}, {"outcomes", outcomes_json(state.arm_outcomes()[i])}};
  }
  Json& islands = json["islands"] = Json::array();
  for (const Archive& island : state.islands().archives()) islands.push_back(island_json(island));
  json["stopped_early"] = stopped_early.empty() ? Json(nullptr) : Json(stopped_early);
  return json;
}

std::string run_report_text(const RunState& state, std::uint32_t iterations,
                            const std::string& stopped_early) {
  const Moment now = moment_of(state, iterations);
  const ArchiveStats& stats = now.stats;
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<14}{}\n", name, value);
  };
  line("iterations", grouped(iterations));
  line("candidates", grouped(state.proposals()));
  line("programs", grouped(state.programs_seen()));
  line("niches filled", fmt::format("{} of {} (coverage {:.1f}%)", grouped(stats.num_elites),
                                    grouped(state.archive().map().size()), 100.0 * stats.coverage));
  line("QD score", fmt::format("{:.1f} (normalized {:.4f})", stats.qd_score, stats.norm_qd_score));
  if (stats.obj_max)
    line("fitness", fmt::format("best {:.3f}, mean of elites {:.3f}", *stats.obj_max, *stats.obj_mean));
  line("proposals", proposals_text(now));
  line("outcomes", outcome_text(state.outcomes()));
  const std::span<const Archive> islands = state.islands().archives();
  for (std::size_t i = 0; i < islands.size(); ++i) {
    const ArchiveStats of = islands[i].stats();
    line(fmt::format("island {}", i + 1).c_str(),
         fmt::format("niches {}, QD score {:.1f}, best {:.3f}", grouped(of.num_elites), of.qd_score,
                     of.obj_max.value_or(0.0)));
  }
  if (!stopped_early.empty()) line("stopped early", stopped_early);
  return text;
}

namespace {

/// What models cost, by model and arm. Empty where none was asked.
Result<std::vector<LedgerLine>> read_ledger(Run& run) {
  const std::filesystem::path& folder = run.store().folder();
  if (!ReplyJournal::is_in(folder)) return std::vector<LedgerLine>();
  SAMARA_TRY(const std::unique_ptr<ReplyJournal> journal, ReplyJournal::open(folder, Access::kRead));
  return journal->ledger();
}

Json ledger_json(std::span<const LedgerLine> ledger) {
  Json json = Json::array();
  for (const LedgerLine& line : ledger) {
    json.push_back({{"model", line.model},
                    {"arm", line.arm},
                    {"requests", line.requests},
                    {"failures", line.failures},
                    {"prompt_tokens", line.prompt_tokens},
                    {"completion_tokens", line.completion_tokens},
                    {"cost", line.cost}});
  }
  return json;
}

std::string ledger_text(std::span<const LedgerLine> ledger) {
  std::string text;
  for (const LedgerLine& line : ledger) {
    text += fmt::format("{:<14}{} for {}: {} requests, {} failed, {} + {} tokens, cost {:.4f}\n", "asked",
                        line.model, line.arm, grouped(line.requests), grouped(line.failures),
                        grouped(line.prompt_tokens), grouped(line.completion_tokens), line.cost);
  }
  return text;
}

}  // namespace

Status print_run_report(Run& run, const RunState& state, bool json) {
  SAMARA_TRY(const std::optional<std::uint32_t> last, run.store().last_iteration());
  const std::uint32_t iterations = last.value_or(0);
  SAMARA_TRY(const std::vector<LedgerLine> ledger, read_ledger(run));
  SAMARA_TRY(const std::string stopped_early, read_stopped_early(run.store()));
  if (json) {
    Json report = run_report_json(state, iterations, run.store().description().arms, stopped_early);
    if (!ledger.empty()) report["ledger"] = ledger_json(ledger);
    print(report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print(run_report_text(state, iterations, stopped_early) + ledger_text(ledger));
  }
  return {};
}

}  // namespace samara::cli
