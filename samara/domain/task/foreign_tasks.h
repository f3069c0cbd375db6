// Foreign tasks: what was written for OpenEvolve, SkyDiscover or ShinkaEvolve, as a task of ours, without
// changing a line of it. Read docs/tasks.md for what becomes of which setting. First a task is read, then
// written to a folder; what cannot be taken over is said. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/domain/task/task_spec.h"

namespace samara::task {

/// What an OpenEvolve config says of language models, for the operator `prompt`. What is empty it leaves
/// open.
struct ForeignModels {
  std::map<std::string, double> weights;  ///< by the model's name
  std::string endpoint;                   ///< address
  std::string key_variable;               ///< environment variable with the key; a key itself is not taken
  std::optional<double> temperature;
  std::optional<std::uint32_t> max_tokens;  ///< of a reply
  std::optional<double> seconds;            ///< time limit of a reply
  std::string body;                         ///< JSON object merged over each request
  bool rewrites = false;                    ///< whole programs are asked for instead of edits
  std::vector<std::string> keys;            ///< where this stands in the config
};

struct ForeignTask {
  TaskSpec spec;                                ///< but for the files' places in the task's folder
  std::filesystem::path program, evaluator;     ///< of the other system; the evaluator's folder is copied
  std::filesystem::path left_out;               ///< file that is not copied as it holds a key; empty: none
  std::vector<std::string> warnings;            ///< settings that mean nothing here, by name; one line each
  std::optional<std::uint32_t> max_iterations;  ///< candidates, in the other system's words
  std::optional<std::uint64_t> random_seed;
  ForeignModels models;
};

/// An OpenEvolve task: its initial program, its evaluator, and what counts here of its config, which may be
/// empty. Errors: kNotFound, kIo, kInvalidArgument for a config that is no YAML.
Result<ForeignTask> read_openevolve(const std::filesystem::path& initial,
                                    const std::filesystem::path& evaluator,
                                    const std::filesystem::path& config);

/// A ShinkaEvolve task: a folder with evaluate.py and initial.<suffix>. Errors: kNotFound.
Result<ForeignTask> read_shinka(const std::filesystem::path& folder);

/// Makes a task folder of it. Errors: those of copy_task().
Status write_foreign_task(const ForeignTask& task, const std::filesystem::path& to);

}  // namespace samara::task
