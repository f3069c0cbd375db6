// Progress of a run: a small block that is redrawn in place on a terminal, plain lines at intervals
// elsewhere. Written to standard error, so that standard output stays for results.
#pragma once

#include <string>

#include "samara/evolve/evolution.h"
#include "samara/program/outcome.h"

namespace samara::cli {

class Progress {
 public:
  /// @param iterations the whole run's; @param max_seconds 0 without a time limit
  Progress(std::uint32_t iterations, double max_seconds);

  void show(const IterationReport& report);

 private:
  void draw(const std::string& first, const std::string& second);

  std::uint32_t iterations_;
  double max_seconds_;
  bool terminal_;
  double next_draw_ = 0.0;
  bool drawn_ = false;
};

/// "rejected 61%  runtime_error 12%  ...": the share of each outcome, largest first; under half a percent is
/// left out.
std::string outcome_text(const OutcomeCounts& outcomes);

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
/// Seconds as "3:07" or "2:03:07".
std::string duration_text(double seconds);

}  // namespace samara::cli
