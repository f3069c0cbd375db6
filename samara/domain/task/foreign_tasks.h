// Foreign tasks: what was written for OpenEvolve, SkyDiscover or ShinkaEvolve, as a task of ours, without
// changing a line of it. Read docs/tasks.md for what becomes of which setting. Writes a task folder; what it
// cannot take over, it says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "samara/base/result.h"

namespace samara::task {

struct ForeignTask {
  std::vector<std::string> warnings;            ///< settings that mean nothing here, by name; one line each
  std::optional<std::uint32_t> max_iterations;  ///< candidates, in the other system's words
  std::optional<std::uint64_t> random_seed;
};

/// Makes a task folder of an OpenEvolve task: its initial program, the folder of its evaluator, and what
/// counts here of its config. `config` may be empty. Errors: kNotFound, kInvalidArgument for a config that is
/// no YAML, kIo.
Result<ForeignTask> import_openevolve(const std::filesystem::path& initial,
                                      const std::filesystem::path& evaluator,
                                      const std::filesystem::path& config, const std::filesystem::path& to);

/// The same of a ShinkaEvolve task: a folder with evaluate.py and initial.<suffix>.
Result<ForeignTask> import_shinka(const std::filesystem::path& folder, const std::filesystem::path& to);

}  // namespace samara::task
