// Functions from Python sources, as a file of one JSON object a line. What becomes of a function is decided
// in functions.py; here files are found, read and handed out, and repeated functions are dropped. The same
// files give the same corpus. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "samara/base/result.h"
#include "samara/corpus/vocabulary.h"
#include "samara/sandbox/python_runner.h"

namespace samara::corpus {

/// The Python sources of this machine: the standard library and the packages of the distribution.
std::vector<std::filesystem::path> default_sources();

/// Every .py file that is one of the paths or below them, in order of their names. Errors: kNotFound for a
/// path that is not there.
Result<std::vector<std::filesystem::path>> find_sources(std::span<const std::filesystem::path> paths);

struct FunctionCounts {
  std::uint64_t files = 0;
  std::uint64_t skipped_files = 0;  ///< too large, or not text
  std::uint64_t functions = 0;
  std::uint64_t repeated = 0;
};

/// Hands each function to `take`, in order of files, and `progress` what has been counted so far. Errors:
/// those of the runner and of `take`.
Result<FunctionCounts> collect_functions(std::span<const std::filesystem::path> files, PythonRunner& runner,
                                         const std::function<Status(const Function&)>& take,
                                         const std::function<void(const FunctionCounts&)>& progress);

}  // namespace samara::corpus
