#include "samara/domain/task/task_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "samara/base/file.h"
#include "samara/base/sha256.h"
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

/// Whether a link leads to something in `folder` by a way that a copy of the folder has too.
bool leads_inside(const fs::path& link, const fs::path& folder) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  const fs::path inside = (link.parent_path() / target).lexically_normal().lexically_relative(folder);
  const fs::path real = fs::weakly_canonical(link, error).lexically_relative(fs::canonical(folder, error));
  const auto below = [](const fs::path& path) { return !path.empty() && *path.begin() != ".."; };
  return target.is_relative() && below(inside) && below(real);
}

/// Relative paths of the files and links to copy; `to`, where the copy will be, is none of it.
Result<std::vector<fs::path>> files_of(const fs::path& folder, const fs::path& to) {
  std::vector<fs::path> files;
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (auto it =
           fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (it->is_symlink(error)) {
      if (!leads_inside(it->path(), folder)) continue;
    } else if (it->is_directory(error)) {
      const bool left_out = std::find(std::begin(kLeftOut), std::end(kLeftOut), name) != std::end(kLeftOut) ||
                            fs::exists(it->path() / "run.db", ignored) ||
                            fs::equivalent(it->path(), to, ignored);
      if (left_out) it.disable_recursion_pending();
      continue;
    } else {
      if (!it->is_regular_file(error)) continue;
      bytes += it->file_size(error);
    }
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

/// As leads_inside() takes it.
fs::path plain(const fs::path& folder) {
  return (fs::absolute(folder).lexically_normal() / "").parent_path();
}

/// Of the bytes of a file, or of where a link leads. Errors: kNotFound, kIo.
Result<std::string> digest_of(const fs::path& file) {
  std::error_code error;
  if (fs::is_symlink(file, error)) {
    const Sha256Digest digest = sha256("link to " + fs::read_symlink(file, error).string());
    return to_hex(digest.data(), digest.size());
  }
  SAMARA_TRY(const std::string bytes, read_file(file, kMostBytes));
  const Sha256Digest digest = sha256(bytes);
  return to_hex(digest.data(), digest.size());
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
  const fs::path source = plain(from);
  SAMARA_TRY(const std::vector<fs::path> files, files_of(source, to));
  error.clear();
  fs::remove_all(to, error);
  fs::create_directories(to, error);
  // Evaluators run as another user, who must be able to read.
  ::chmod(to.c_str(), 0755);
  for (const fs::path& file : files) {
    const fs::path original = source / file, copy = to / file;
    fs::path folder = to;
    for (const fs::path& part : file.parent_path()) {
      folder /= part;
      if (!error && fs::create_directory(folder, error)) ::chmod(folder.c_str(), 0755);
    }
    if (!error) fs::copy(original, copy, fs::copy_options::copy_symlinks, error);
    if (error) break;
    if (fs::is_symlink(copy, error)) continue;
    const bool executable =
        (fs::status(original, error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    ::chmod(copy.c_str(), executable ? 0555 : 0444);
  }
  if (error)
    return make_error(ErrorCode::kIo, "cannot copy {} to {}: {}", from.string(), to.string(),
                      error.message());
  return {};
}

Result<std::string> digest_files(const fs::path& folder) {
  SAMARA_TRY(const std::vector<fs::path> files, files_of(plain(folder), folder));
  std::string digests;
  for (const fs::path& file : files) {
    if (file.string().find('\n') != std::string::npos) continue;  // a line could not hold it
    SAMARA_TRY(const std::string digest, digest_of(folder / file));
    digests += fmt::format("{}  {}\n", digest, file.string());
  }
  return digests;
}

Status check_files(const fs::path& folder, const std::string& digests) {
  std::istringstream lines(digests);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t gap = std::min(line.find("  "), line.size());
    const fs::path file = folder / line.substr(std::min(gap + 2, line.size()));
    const Result<std::string> digest = digest_of(file);
    if (digest.ok() && *digest == line.substr(0, gap)) continue;
    return make_error(ErrorCode::kInvalidData, "{} {} since the run began", file.string(),
                      digest.ok() ? "has changed" : "is gone or cannot be read");
  }
  return {};
}

Status check_links(const fs::path& folder, const fs::path& path) {
  const fs::path whole = plain(folder);
  fs::path link = whole;
  for (const fs::path& part : path.lexically_normal()) {
    link /= part;
    std::error_code ignored;
    if (!fs::is_symlink(link, ignored) || leads_inside(link, whole)) continue;
    return make_error(
        ErrorCode::kInvalidArgument,
        "{} is a link to {}, and a run keeps and runs only what is in the task's folder; put a copy "
        "in the link's place, or a relative link to a file in the folder",
        link.string(), fs::weakly_canonical(link, ignored).string());
  }
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
