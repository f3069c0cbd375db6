#include "samara/cli/training_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "samara/cli/progress.h"

namespace samara::cli {

TrainingProgressLine::TrainingProgressLine(std::string title)
    : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) != 0) {}

void TrainingProgressLine::show(const lm::TrainingProgress& p) {
  constexpr double kTerminalSeconds = 0.2, kPlainSeconds = 15.0;
  if (p.validation) {
    validation_ = fmt::format("  held back: loss {:.3f}, {:.1f}% of tokens right", p.validation->loss,
                              100.0 * p.validation->accuracy);
  }
  const bool last = p.tokens >= p.budget;
  if (p.seconds < next_ && !last && !(p.validation && !terminal_)) return;
  next_ = p.seconds + (terminal_ ? kTerminalSeconds : kPlainSeconds);
  const double share =
      p.budget == 0 ? 0.0 : 100.0 * static_cast<double>(p.tokens) / static_cast<double>(p.budget);
  const std::string text = fmt::format(
      "{}{}training {:.1f}%  step {}  loss {:.3f}{}  {:.0f} tokens/s  {}", title_, title_.empty() ? "" : ": ",
      share, grouped(p.step), p.loss, validation_, p.tokens_per_second,
      last ? fmt::format("{:.1f}% padding", 100.0 * p.padding) : duration_text(p.seconds_left) + " left");
  std::fprintf(stderr, terminal_ ? "\r%s\x1b[K%s" : "%s%s\n", text.c_str(), terminal_ && last ? "\n" : "");
}

}  // namespace samara::cli
