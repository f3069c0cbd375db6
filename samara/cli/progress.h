// Progress of a run: a small block of short lines, redrawn in place on a terminal, printed at intervals
// elsewhere. Written to standard error, so that standard output stays for results.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "samara/base/clock.h"
#include "samara/evolve/evolution.h"
#include "samara/mutation/prompt/correspondence.h"
#include "samara/pipeline/run_history.h"
#include "samara/program/outcome.h"

namespace samara::cli {

class Progress {
 public:
  /// @param iterations the whole run's; @param max_seconds 0 without a time limit
  Progress(std::uint32_t iterations, double max_seconds);

  /// Tells of a new run, once, after how many seconds a proposal was accepted: when its iteration ended.
  /// @param more a last line, e.g. what was asked of models; may be empty
  void show(const IterationReport& report, const std::string& more = "");
  /// A line of its own that stays. From any thread.
  void tell(const std::string& line);

 private:
  /// @param news a line above the block that stays; like those of the block, left out where it is empty
  void draw(const std::string& news, const std::vector<std::string>& block);

  std::uint32_t iterations_;
  double max_seconds_;
  bool terminal_;
  double started_ = wall_seconds();
  bool none_accepted_ = false;  ///< so far, in a run that this process began
  double next_draw_ = 0.0;
  int drawn_ = 0;  ///< lines that the next drawing replaces
  std::mutex mutex_;
};

/// "1,234 requests (3 failed, 256 in flight)  1,250,000 tokens  cost 0.53"; empty without figures.
std::string prompt_text(const std::optional<prompt::Correspondence::Figures>& figures);

/// "valid 97.1%, changed 92.0%, accepted 8.4%, runnable 71.3% of those executed".
std::string proposals_text(const Moment& moment);

/// "rejected 61%  runtime_error 12%  ...": the share of each outcome, largest first; under half a percent is
/// left out.
std::string outcome_text(const OutcomeCounts& outcomes);

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
/// Seconds as "3:07" or "2:03:07".
std::string duration_text(double seconds);

}  // namespace samara::cli
