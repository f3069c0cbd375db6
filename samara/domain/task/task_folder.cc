#include "samara/domain/task/task_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "samara/base/file.h"
#include "samara/domain/task/task_domain.h"

namespace samara {
extern const std::string_view kNewPythonTask, kNewPythonProgram, kNewPythonEvaluator;
extern const std::string_view kNewCTask, kNewCProgram, kNewCEvaluator;
extern const std::string_view kNewCommandTask, kNewCommandProgram, kNewCommandEvaluator;
}  // namespace samara

namespace samara::task {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{512} << 20;
constexpr std::size_t kMostFiles = 10'000;
constexpr std::string_view kLeftOut[] = {".git",    "__pycache__", "runs", "openevolve_output",
                                         "results", ".venv"};

/// Relative paths of the files to copy.
Result<std::vector<fs::path>> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (auto it =
           fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->is_directory(error)) {
      const bool left_out = std::find(std::begin(kLeftOut), std::end(kLeftOut), name) != std::end(kLeftOut) ||
                            fs::exists(it->path() / "run.db", error);
      if (left_out) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file(error)) continue;
    bytes += it->file_size(error);
    files.push_back(it->path().lexically_relative(folder));
    if (files.size() > kMostFiles || bytes > kMostBytes) {
      return make_error(
          ErrorCode::kInvalidArgument,
          "the task's folder {} holds more than {} files or {} MiB; give the task a folder of its own",
          folder.string(), kMostFiles, kMostBytes >> 20);
    }
  }
  if (error) return make_error(ErrorCode::kIo, "cannot read {}: {}", folder.string(), error.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::string filled_in(std::string_view text, const std::string& mark, const std::string& value) {
  std::string result(text);
  for (std::size_t at = result.find(mark); at != std::string::npos;
       at = result.find(mark, at + value.size())) {
    result.replace(at, mark.size(), value);
  }
  return result;
}

}  // namespace

Status copy_task(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::equivalent(from, to, error)) return {};
  SAMARA_TRY(const std::vector<fs::path> files, files_of(from));
  error.clear();
  fs::remove_all(to, error);
  fs::create_directories(to, error);
  for (const fs::path& file : files) {
    const fs::path copy = to / file;
    if (!error) fs::create_directories(copy.parent_path(), error);
    if (!error) fs::copy_file(from / file, copy, error);
    if (error) break;
    // Evaluators run as another user, who must be able to read.
    const bool executable =
        (fs::status(from / file, error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    ::chmod(copy.c_str(), executable ? 0555 : 0444);
  }
  if (error)
    return make_error(ErrorCode::kIo, "cannot copy {} to {}: {}", from.string(), to.string(),
                      error.message());
  return {};
}

Status write_new_task(const fs::path& folder, const std::string& language) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return make_error(ErrorCode::kAlreadyExists, "{} is there already and not empty; name another folder",
                      folder.string());
  }
  fs::create_directories(folder, error);
  if (error) return make_error(ErrorCode::kIo, "cannot make {}: {}", folder.string(), error.message());
  const std::string name = fs::absolute(folder).lexically_normal().filename().string();
  const auto task = [&](std::string_view text) {
    const std::string safe = filled_in(filled_in(name, "\\", "_"), "\"", "_");
    return filled_in(filled_in(text, "@NAME@", safe), "@LANGUAGE@", language);
  };
  const std::string c_task = filled_in(kNewCTask, "sorting_c", "@NAME@");  // an example as it stands
  using Files = std::vector<std::pair<std::string, std::string>>;
  const Files files = language == "python" ? Files{{kTaskFile, task(kNewPythonTask)},
                                                   {"program.py", std::string(kNewPythonProgram)},
                                                   {"evaluator.py", std::string(kNewPythonEvaluator)}}
                      : language == "c"    ? Files{{kTaskFile, task(c_task)},
                                                {"program.c", std::string(kNewCProgram)},
                                                {"evaluator.py", std::string(kNewCEvaluator)}}
                                           : Files{{kTaskFile, task(kNewCommandTask)},
                                                {"program.txt", std::string(kNewCommandProgram)},
                                                {"evaluate.sh", std::string(kNewCommandEvaluator)}};
  for (const auto& [path, text] : files) {
    SAMARA_TRY_STATUS(write_file(folder / path, text));
    if (text.starts_with("#!")) ::chmod((folder / path).c_str(), 0755);
  }
  return {};
}

}  // namespace samara::task
