// The command line's view of a RunSpec: one flag per field, and --spec FILE for TOML. Flags win over the
// file, and the file over the defaults, wherever they stand on the line.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "samara/cli/command.h"
#include "samara/pipeline/run_spec.h"

namespace samara::cli {

/// The spec of a target as the command line names it, before anything else is said: sodarace, or the folder
/// of a task. Errors: kInvalidArgument for what looks like a misspelt domain, else kNotFound.
Result<RunSpec> spec_of_target(const std::string& target);

class SpecFlags {
 public:
  /// Adds the flags to `command`. The object must outlive parsing.
  explicit SpecFlags(CLI::App& command);

  /// Defaults, then the file, then the flags; validated. Errors: kInvalidArgument, kNotFound, kIo.
  Result<RunSpec> resolve(const RunSpec& defaults) const;

 private:
  RunSpec flags_;  // only the fields whose option was given count
  std::string file_;
  std::map<std::string, std::vector<std::string>> tables_;     // of numbers, by field key, as given
  std::vector<std::string> messages_;                          // of --messages, as given
  std::vector<std::pair<std::string, CLI::Option*>> options_;  // by field key
};

}  // namespace samara::cli
