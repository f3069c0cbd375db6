#include "samara/domain/task/program_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "samara/patch/regions.h"

namespace samara::task {

std::string join_files(const std::vector<ProgramFile>& files) {
  if (files.size() == 1) return files[0].text;
  std::string text;
  for (const ProgramFile& file : files) {
    text += fmt::format("=== {} ===\n{}", file.path, file.text);
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

Result<std::vector<ProgramFile>> split_files(std::string_view text, const std::vector<std::string>& paths) {
  if (paths.size() == 1) return std::vector<ProgramFile>{{paths[0], std::string(text)}};
  std::vector<ProgramFile> files(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) files[i].path = paths[i];
  std::vector<bool> found(paths.size(), false);
  ProgramFile* current = nullptr;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line =
        text.substr(0, newline == std::string_view::npos ? text.size() : newline + 1);
    text.remove_prefix(line.size());
    if (const std::optional<std::string> path = file_header(line)) {
      const auto at = std::find(paths.begin(), paths.end(), *path);
      const auto index = static_cast<std::size_t>(at - paths.begin());
      if (at == paths.end() || found[index]) {
        return make_error(ErrorCode::kInvalidData, "'{}' is no file of the program, or is there twice",
                          *path);
      }
      found[index] = true;
      current = &files[index];
    } else if (current) {
      current->text += line;
    } else {
      return make_error(ErrorCode::kInvalidData, "the program does not begin with the name of a file");
    }
  }
  const auto missing = std::find(found.begin(), found.end(), false);
  if (missing == found.end()) return files;
  return make_error(ErrorCode::kInvalidData, "the program lacks its file '{}'",
                    paths[static_cast<std::size_t>(missing - found.begin())]);
}

}  // namespace samara::task
