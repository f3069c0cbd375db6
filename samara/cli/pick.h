// Picking a program of a run on the command line: --best, --program ID, --niche I,J,K. Shared by show and
// render.
#pragma once

#include <string>
#include <vector>

#include "samara/cli/command.h"
#include "samara/pipeline/run.h"

namespace samara::cli {

class PickFlags {
 public:
  /// Adds the flags to `command`; at most one may be given. The object must outlive parsing.
  explicit PickFlags(CLI::App& command);

  /// The program that the flags name; the best elite without any. Errors: kNotFound, kInvalidArgument.
  Result<ProgramId> resolve(Run& run, const RunState& state) const;

 private:
  bool best_ = false;
  std::string program_;
  std::vector<std::uint32_t> niche_;
};

/// The elites, best fitness first; equal ones in niche order.
std::vector<Elite> elites_by_fitness(const Archive& archive);

}  // namespace samara::cli
