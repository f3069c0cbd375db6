// ProgramFiles: the files of a program and the one text that evolution sees. A program of one file is that
// file's text; several stand one after the other, each behind a line "=== path ===". Read patch/regions.h for
// what of it may change. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"

namespace samara::task {

struct ProgramFile {
  std::string path;  ///< relative, within the program's folder
  std::string text;
  friend bool operator==(const ProgramFile&, const ProgramFile&) = default;
};

/// The one text. Each file but a single one ends in a line end afterwards.
std::string join_files(const std::vector<ProgramFile>& files);

/// The files of a text, in the order of `paths`, which a program of the task has. Errors: kInvalidData when
/// the text has others, misses one, or begins with anything else.
Result<std::vector<ProgramFile>> split_files(std::string_view text, const std::vector<std::string>& paths);

}  // namespace samara::task
