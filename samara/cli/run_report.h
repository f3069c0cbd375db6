// What a run has come to, as JSON for scripts and as text for people. `evolve`, `resume` and `stats` all
// print this.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "samara/pipeline/run.h"

namespace samara::cli {

/// Keys: docs/cli.md, section stats. Shares are of all proposals, but runnable_share is of the programs that
/// were executed (duplicates and unchanged ones are not).
/// @param stopped_early  why the run ended before its iterations did; may be empty
nlohmann::ordered_json run_report_json(const RunState& state, std::uint32_t iterations,
                                       std::span<const std::string> arms, const std::string& stopped_early);
std::string run_report_text(const RunState& state, std::uint32_t iterations,
                            const std::string& stopped_early);

/// Prints one or the other. `state` is the run's.
Status print_run_report(Run& run, const RunState& state, bool json);

}  // namespace samara::cli
