// Files of one JSON object a line: what corpora are stored as. docs/corpora.md lists the fields.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/corpus/vocabulary.h"

namespace samara::corpus {

/// A change to a program, real or made.
struct Commit {
  std::string before;  ///< text without a final line break
  std::string message;
  std::string after;
  std::string kind;  ///< what was changed: a row of messages.py, or "git"
  friend bool operator==(const Commit&, const Commit&) = default;
};

/// The object of one line, without the line break.
std::string to_json_line(const Function& function);
std::string to_json_line(const Commit& commit);

/// Every function of the file. Errors: those of read_file(); kInvalidData naming the line.
Result<std::vector<Function>> read_functions(const std::filesystem::path& path);

/// Writes lines to a file that appears under its name when it is complete: until finish() it is called
/// "<name>.part". Not safe to share between threads.
class LineWriter {
 public:
  /// Errors: kIo.
  static Result<LineWriter> create(const std::filesystem::path& path);
  LineWriter(LineWriter&&) = default;
  LineWriter& operator=(LineWriter&&) = default;
  /// Removes the part of a file that was not finished.
  ~LineWriter();

  /// Errors: kIo.
  Status write(const std::string& line);
  Status finish();

 private:
  LineWriter(std::filesystem::path path, std::ofstream stream);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace samara::corpus
