// TaskSpec: what a task.toml says: the programs to evolve, how they are evaluated, and what of it counts.
// Read docs/tasks.md for every key. parse_task() reads what write_task() writes. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"

namespace samara::task {

/// What evaluates a program.
enum class EvaluatorKind {
  kPython,   ///< a function of a Python module, called with the program's path
  kCommand,  ///< an executable: program path in, JSON out
  kShinka,   ///< a script that writes metrics.json and correct.json
};

/// A step of a cascade: an evaluation that must reach `threshold` for the next to be made.
struct Stage {
  std::string function;
  std::optional<double> threshold;  ///< none for the last one
  friend bool operator==(const Stage&, const Stage&) = default;
};

struct EvaluatorSpec {
  EvaluatorKind kind = EvaluatorKind::kPython;
  std::string file = "evaluator.py";  ///< relative to the task's folder; of kPython and kShinka
  std::vector<std::string> command;  ///< of kCommand; "{program}" stands for the path, which is else appended
  std::vector<Stage> stages = {{"evaluate", {}}};
  bool warm = true;  ///< load the evaluator once, not for every program
  std::uint32_t repeats = 1;
  std::string python = "/usr/bin/python3";
  std::vector<std::string> readable;  ///< absolute paths outside of the task that it may read
  std::map<std::string, std::string> environment;
  bool network = false;
  friend bool operator==(const EvaluatorSpec&, const EvaluatorSpec&) = default;
};

/// Of one evaluation, with all processes that it starts.
struct EvaluationLimits {
  double cpu_seconds = 60.0;
  double wall_seconds = 120.0;
  std::uint32_t memory_mb = 2048;
  std::uint32_t address_space_mb = 0;  ///< of one process; 0: 1024 more than memory_mb
  std::uint32_t processes = 64;
  std::uint32_t file_mb = 64;       ///< of one file
  std::uint32_t writable_mb = 256;  ///< of the temporary folder
  friend bool operator==(const EvaluationLimits&, const EvaluationLimits&) = default;
};

/// One axis of the archive: a metric, or one of the names of what Samara measures itself: kProgramSize,
/// kFitness.
struct BehaviorSpec {
  std::string name;
  std::optional<double> low, high;  ///< both or none; without, the range grows with the values
  std::uint32_t bins = 10;
  friend bool operator==(const BehaviorSpec&, const BehaviorSpec&) = default;
};
inline constexpr std::string_view kProgramSize = "program_size";  ///< bytes of the text
inline constexpr std::string_view kFitness = "fitness";

struct TaskSpec {
  std::string name = "task";
  std::string description;  ///< what programs should do, for prompts
  std::string language = "python";
  std::vector<std::string> program = {
      "program.py"};  ///< the files of the first seed; the first is what is run
  std::vector<std::string>
      seeds;  ///< more seeds: a file each, or a folder each where programs have several files
  EvaluatorSpec evaluator;
  EvaluationLimits limits;
  std::string fitness;                    ///< a metric; empty: combined_score, else the mean of the metrics
  std::map<std::string, bool> minimized;  ///< declared metrics, and whether smaller is better
  std::vector<BehaviorSpec> behavior = {{std::string(kProgramSize), {}, {}, 10}};
  friend bool operator==(const TaskSpec&, const TaskSpec&) = default;
};

/// Errors (kInvalidArgument) name the file, line and key; an unknown key names the nearest known one.
Result<TaskSpec> parse_task(std::string_view toml, const std::string& file_name);
/// Commented TOML that parse_task() takes.
std::string write_task(const TaskSpec& spec);

}  // namespace samara::task
