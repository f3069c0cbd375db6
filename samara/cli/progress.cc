#include "samara/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace samara::cli {
namespace {

constexpr double kTerminalSeconds = 0.1;  // between redraws
constexpr double kPlainSeconds = 5.0;     // between lines

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string archive_text(const RunState& state) {
  const ArchiveStats stats = state.archive().stats();
  return fmt::format("filled {} of {} niches ({:.1f}%)  QD score {:.0f}  best {:.2f}",
                     grouped(stats.num_elites), grouped(state.archive().map().size()), 100.0 * stats.coverage,
                     stats.qd_score, stats.obj_max.value_or(0.0));
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string duration_text(double seconds) {
  const auto total = static_cast<std::uint64_t>(std::max(0.0, std::round(seconds)));
  const std::uint64_t hours = total / 3600, minutes = total / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60)
                   : fmt::format("{}:{:02}", minutes, total % 60);
}

std::string outcome_text(const OutcomeCounts& outcomes) {
  const std::uint64_t total = std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
  std::vector<std::size_t> order(outcomes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return outcomes[a] > outcomes[b]; });
  std::string text;
  for (const std::size_t i : order) {
    const double percent = share(outcomes[i], total);
    if (percent < 0.5) break;
    if (!text.empty()) text += "  ";
    text += fmt::format("{} {:.0f}%", outcome_name(static_cast<Outcome>(i)), percent);
  }
  return text;
}

Progress::Progress(std::uint32_t iterations, double max_seconds)
    : iterations_(iterations), max_seconds_(max_seconds), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::show(const IterationReport& report, const std::string& more) {
  const bool last = report.iteration == iterations_;
  if (report.seconds < next_draw_ && !last) return;
  next_draw_ = report.seconds + (terminal_ ? kTerminalSeconds : kPlainSeconds);

  std::string left;
  if (report.proposals_done > 0 && report.seconds > 0.0) {
    const double per_proposal = report.seconds / static_cast<double>(report.proposals_done);
    const double proposals_per_iteration =
        static_cast<double>(report.state.proposals()) / std::max(1u, report.iteration);
    double seconds = (iterations_ - report.iteration) * proposals_per_iteration * per_proposal;
    if (max_seconds_ > 0.0) seconds = std::min(seconds, max_seconds_ - report.seconds);
    left = fmt::format("  {:.0f}/s  {} left", 1.0 / per_proposal, duration_text(seconds));
  }
  draw(fmt::format("iteration {}/{}  {} candidates{}  {}", report.iteration, grouped(iterations_),
                   grouped(report.state.proposals()), left, archive_text(report.state)),
       outcome_text(report.state.outcomes()), more);
}

void Progress::tell(const std::string& line) {
  const std::lock_guard lock(mutex_);
  std::fprintf(stderr, "%s\n", line.c_str());
  drawn_ = 0;
}

std::string prompt_text(const std::optional<prompt::Correspondence::Figures>& figures) {
  if (!figures) return "";
  const endpoint::Spending& spent = figures->spent;
  std::string text = fmt::format("{} requests ({} failed, {} in flight)  {} tokens", grouped(spent.requests),
                                 grouped(spent.failures), figures->in_flight, grouped(spent.tokens()));
  if (spent.cost > 0.0) text += fmt::format("  cost {:.4f}", spent.cost);
  if (!figures->paused.empty()) text += "  paused: " + figures->paused;
  return text;
}

void Progress::draw(const std::string& first, const std::string& second, const std::string& third) {
  const std::lock_guard lock(mutex_);
  if (!terminal_) {
    std::fprintf(stderr, "%s  |  %s%s%s\n", first.c_str(), second.c_str(), third.empty() ? "" : "  |  ",
                 third.c_str());
    return;
  }
  // Lines, redrawn in place; longer lines are cut by the terminal instead of wrapped.
  constexpr const char* kNoWrap = "\x1b[?7l";
  constexpr const char* kWrap = "\x1b[?7h";
  constexpr const char* kClearLine = "\x1b[K";
  std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\r", drawn_) : "";
  text += kNoWrap;
  drawn_ = 0;
  for (const std::string* line : {&first, &second, &third}) {
    if (line == &third && third.empty()) continue;
    text += *line + kClearLine + "\n";
    ++drawn_;
  }
  std::fputs((text + kWrap).c_str(), stderr);
}

}  // namespace samara::cli
