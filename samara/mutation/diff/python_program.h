// PythonProgram: what a PythonGuard must know of the program that a diff changes: where a reader of Python
// stands at the beginning of each line, and which names the program binds and uses. Made once per program and
// shared by all diffs to it (copies are cheap). Any text will do: lines that are not Python are noted and
// skipped. Immutable; const is safe to call concurrently. Read python_guard.h next.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace samara::diff {

namespace internal {
struct PythonProgramData;
}

class PythonProgram {
 public:
  /// @param known_names names that the environment provides, such as walker_creator
  static PythonProgram parse(std::string_view source, std::span<const std::string> known_names = {});

  std::size_t line_count() const;
  /// Whether every line was read as Python 3.11; what depends on more than the grammar was not looked at.
  bool well_formed() const;
  /// A program line that could not be read, counted from 0; line_count() if its end is what is wrong, or if
  /// there is none.
  std::size_t first_broken_line() const;

  const internal::PythonProgramData& data() const { return *data_; }

 private:
  explicit PythonProgram(std::shared_ptr<const internal::PythonProgramData> data) : data_(std::move(data)) {}
  std::shared_ptr<const internal::PythonProgramData> data_;
};

}  // namespace samara::diff
