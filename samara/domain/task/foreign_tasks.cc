#include "samara/domain/task/foreign_tasks.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <map>
#include <regex>

#include "samara/base/file.h"
#include "samara/domain/task/internal/openevolve_config.h"
#include "samara/domain/task/task_domain.h"
#include "samara/domain/task/task_folder.h"

namespace samara::task {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{1} << 22;

std::string language_of(const fs::path& file) {
  static const std::map<std::string, std::string> kLanguages = {
      {".py", "python"},     {".c", "c"},           {".h", "c"},       {".cpp", "cpp"},     {".cc", "cpp"},
      {".rs", "rust"},       {".go", "go"},         {".jl", "julia"},  {".f90", "fortran"}, {".r", "r"},
      {".js", "javascript"}, {".ts", "typescript"}, {".java", "java"}, {".sv", "verilog"},  {".txt", "text"}};
  const auto at = kLanguages.find(file.extension().string());
  return at != kLanguages.end() ? at->second : "text";
}

/// The file's path relative to the folder; none when it stands outside.
std::optional<fs::path> place_in(const fs::path& folder, const fs::path& file) {
  const fs::path relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative;
}

/// The file's path within the copied folder; copied there when it stands elsewhere.
Result<std::string> bring(const fs::path& file, const fs::path& from, const fs::path& to) {
  const std::optional<fs::path> place = place_in(from, file);
  if (place && fs::exists(to / *place)) return place->string();
  SAMARA_TRY(const std::string text, read_file(file, kLargestFile));
  SAMARA_TRY_STATUS(write_file(to / file.filename(), text));
  ::chmod((to / file.filename()).c_str(), 0444);
  return file.filename().string();
}

/// For evaluators that were written without limits in mind.
void be_generous(EvaluationLimits& limits, double wall_seconds) {
  limits.wall_seconds = wall_seconds;
  limits.cpu_seconds = 8.0 * wall_seconds;  // they may use all cores
  limits.memory_mb = 4096;
  limits.address_space_mb = 1u << 16;
  limits.processes = 256;
  limits.file_mb = 256;
}

}  // namespace

Result<ForeignTask> read_openevolve(const fs::path& initial, const fs::path& evaluator,
                                    const fs::path& config) {
  ForeignTask task;
  SAMARA_TRY(const std::string source, read_file(evaluator, kLargestFile));
  task.program = fs::absolute(initial);
  task.evaluator = fs::absolute(evaluator);
  task.spec.name = task.program.parent_path().filename().string();
  task.spec.language = language_of(initial);
  internal::OpenEvolveConfig settings;
  if (!config.empty()) {
    SAMARA_TRY(settings, internal::read_openevolve_config(config, task));
  }
  if (settings.holds_key) task.left_out = fs::absolute(config);
  be_generous(task.spec.limits, settings.wall_seconds);
  const auto has_function = [&](const std::string& name) {
    return std::regex_search(source, std::regex("(^|\n)(async +)?def +" + name + "\\b"));
  };
  if (settings.cascade && has_function("evaluate_stage1")) {
    std::vector<Stage>& stages = task.spec.evaluator.stages;
    stages.clear();
    for (std::size_t stage = 1; stage <= 3; ++stage) {
      const std::string name = fmt::format("evaluate_stage{}", stage);
      if (!has_function(name)) break;
      if (stage > 1) {
        const bool known = stage - 2 < settings.thresholds.size();
        stages.back().threshold = known ? settings.thresholds[stage - 2] : 0.5;
      }
      stages.push_back({name, {}});
    }
  }
  return task;
}

Result<ForeignTask> read_shinka(const fs::path& folder) {
  fs::path initial;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().stem() == "initial" && entry.is_regular_file()) initial = entry.path();
  }
  if (error || initial.empty() || !fs::exists(folder / "evaluate.py")) {
    return make_error(ErrorCode::kNotFound,
                      "{} holds no ShinkaEvolve task: it needs evaluate.py and initial.<suffix>",
                      folder.string());
  }
  ForeignTask task;
  task.program = fs::absolute(initial).lexically_normal();
  task.evaluator = fs::absolute(folder / "evaluate.py").lexically_normal();
  task.spec.name = task.evaluator.parent_path().filename().string();
  task.spec.language = language_of(initial);
  task.spec.evaluator.kind = EvaluatorKind::kShinka;
  be_generous(task.spec.limits, 300.0);
  return task;
}

Status write_foreign_task(const ForeignTask& task, const fs::path& to) {
  const fs::path from = task.evaluator.parent_path();
  SAMARA_TRY_STATUS(copy_task(from, to));
  if (const auto place = place_in(from, task.left_out); !task.left_out.empty() && place) {
    std::error_code error;
    fs::remove(to / *place, error);
    if (error) return make_error(ErrorCode::kIo, "cannot leave {} out: {}", place->string(), error.message());
  }
  TaskSpec spec = task.spec;
  SAMARA_TRY(spec.program[0], bring(task.program, from, to));
  SAMARA_TRY(spec.evaluator.file, bring(task.evaluator, from, to));
  SAMARA_TRY_STATUS(write_file(to / kTaskFile, write_task(spec)));
  ::chmod((to / kTaskFile).c_str(), 0444);
  return {};
}

}  // namespace samara::task
