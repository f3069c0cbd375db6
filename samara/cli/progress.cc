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

std::string archive_text(const ArchiveStats& stats, std::size_t niches) {
  return fmt::format("filled {} of {} niches ({:.1f}%)  QD score {:.0f}  best {:.2f}",
                     grouped(stats.num_elites), grouped(niches), 100.0 * stats.coverage, stats.qd_score,
                     stats.obj_max.value_or(0.0));
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

std::string proposals_text(const Moment& moment) {
  return fmt::format("valid {:.1f}%, changed {:.1f}%, accepted {:.1f}%, runnable {:.1f}% of those executed",
                     100 * moment.valid_share(), 100 * moment.changed_share(), 100 * moment.accepted_share(),
                     100 * moment.runnable_share());
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
  if (report.iteration == 0) none_accepted_ = true;
  std::string news;
  if (none_accepted_ && report.state.outcomes()[static_cast<std::size_t>(Outcome::kAccepted)] > 0) {
    none_accepted_ = false;
    news = fmt::format("first proposal accepted after {:.1f} s", wall_seconds() - started_);
  }
  const bool last = report.iteration == iterations_;
  if (report.seconds < next_draw_ && !last && news.empty()) return;
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
  const Moment now = moment_of(report.state, report.iteration);
  draw(news, {fmt::format("iteration {}/{}  {} candidates{}", report.iteration, grouped(iterations_),
                          grouped(now.proposals), left),
              archive_text(now.stats, report.state.archive().map().size()),
              now.proposals == 0 ? "" : proposals_text(now), outcome_text(now.outcomes), more});
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

void Progress::draw(const std::string& news, const std::vector<std::string>& block) {
  // On a terminal longer lines are cut instead of wrapped: what is redrawn has to have as many rows as lines.
  const char* no_wrap = terminal_ ? "\x1b[?7l" : "";
  const char* wrap = terminal_ ? "\x1b[?7h" : "";
  const char* line_end = terminal_ ? "\x1b[K\n" : "\n";
  const std::lock_guard lock(mutex_);
  std::string text = terminal_ && drawn_ > 0 ? fmt::format("\x1b[{}A\r", drawn_) : "";
  text += no_wrap;
  if (!news.empty()) text += news + line_end;
  drawn_ = 0;
  for (const std::string& line : block) {
    if (line.empty()) continue;
    // In a log, what belongs to the iteration is set in.
    text += (terminal_ || drawn_ == 0 ? "" : "  ") + line + line_end;
    ++drawn_;
  }
  std::fputs((text + wrap).c_str(), stderr);
}

}  // namespace samara::cli
