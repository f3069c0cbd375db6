#include "samara/corpus/function_corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>

#include "samara/base/file.h"
#include "samara/base/text.h"

namespace samara::corpus {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kLargestSource = std::size_t{512} << 10;  // bytes; JSON makes it longer
constexpr std::size_t kFilesAtOnce = 32;

// What functions.functions_of returned for one file.
std::vector<Function> decode(const JobResult& result, const fs::path& file) {
  std::vector<Function> functions;
  const auto* value = std::get_if<EncodedValue>(&result);
  if (value == nullptr) return functions;  // a file that ran into a limit of the sandbox has none
  const json rows = json::from_msgpack(value->msgpack, /*strict=*/true, /*allow_exceptions=*/false);
  if (!rows.is_array()) return functions;
  for (const json& row : rows) {
    functions.push_back({.text = row[0].get<std::string>(),
                         .name = row[1].get<std::string>(),
                         .source = file.string(),
                         .names = row[2].get<std::vector<std::string>>(),
                         .methods = row[3].get<std::vector<std::string>>()});
  }
  return functions;
}

}  // namespace

std::vector<fs::path> default_sources() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib", ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(ignored) && name.starts_with("python3")) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::vector<fs::path>> find_sources(std::span<const fs::path> paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code failure;
    if (fs::is_regular_file(path, failure)) {
      files.push_back(path);
      continue;
    }
    if (!fs::is_directory(path, failure)) {
      return make_error(ErrorCode::kNotFound,
                        "{}: no such file or folder; name Python files or folders of them", path.string());
    }
    const auto options = fs::directory_options::skip_permission_denied;
    for (auto entry = fs::recursive_directory_iterator(path, options, failure);
         !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
      std::error_code ignored;
      if (entry->path().extension() == ".py" && entry->is_regular_file(ignored))
        files.push_back(entry->path());
    }
    if (failure) {
      return make_error(ErrorCode::kIo, "cannot list {}: {}", path.string(), failure.message());
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

Result<FunctionCounts> collect_functions(std::span<const fs::path> files, PythonRunner& runner,
                                         const std::function<Status(const Function&)>& take,
                                         const std::function<void(const FunctionCounts&)>& progress) {
  FunctionCounts counts;
  std::unordered_set<std::string> seen;
  for (std::size_t first = 0; first < files.size(); first += kFilesAtOnce) {
    std::vector<std::string> texts;
    std::vector<fs::path> sources;
    for (std::size_t i = first; i < std::min(files.size(), first + kFilesAtOnce); ++i) {
      ++counts.files;
      Result<std::string> source = read_file(files[i], kLargestSource);
      if (!source.ok() || sanitize_utf8(*source) != *source) {
        ++counts.skipped_files;
        continue;
      }
      texts.push_back(json{{"source", *source}}.dump());
      sources.push_back(files[i]);
    }
    std::vector<Job> jobs;
    for (const std::string& text : texts) jobs.push_back({0, text});
    SAMARA_TRY(const std::vector<JobResult> results, runner.run(jobs));
    for (std::size_t i = 0; i < results.size(); ++i) {
      for (const Function& function : decode(results[i], sources[i])) {
        if (!seen.insert(function.text).second) {
          ++counts.repeated;
          continue;
        }
        SAMARA_TRY_STATUS(take(function));
        ++counts.functions;
      }
    }
    if (progress) progress(counts);
  }
  return counts;
}

}  // namespace samara::corpus
