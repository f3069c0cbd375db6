// PythonGuard: holds the new lines of a diff, while they are written byte by byte, to what can still become
// valid Python: strings and brackets closed, blocks indented as the program's are, operands and operators in
// turn, statements of their forms and, as an option, names that exist. See docs/mutation-diff.md for what it
// promises. Trials do not allocate outside of comments. One guard per diff; const is safe to call
// concurrently. Read python_program.h first.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "samara/mutation/diff/python_program.h"

namespace samara::diff {

struct PythonGuardOptions {
  /// Names that are read must be bound by a line that stands before them in their function, by one at the top
  /// level, by a new line, or by the environment;
  /// attributes and keyword arguments must occur in the program.
  bool names = true;
  /// If not, each comment must be that of a removed line, which may stand in one new line only.
  bool new_comments = true;
};

/// Lines are counted from 0. The calls for a diff: begin_edit(), then for each of its new lines begin_line()
/// and accept_text() any number of times; and so on for the next edit.
class PythonGuard {
 public:
  /// What fits_until() says when everything fits.
  static constexpr std::size_t kWholeProgram = static_cast<std::size_t>(-1);
  static constexpr std::size_t kMaxLineBytes = 2000;  ///< longer new lines are refused

  explicit PythonGuard(PythonProgram program, PythonGuardOptions options = {});
  PythonGuard(const PythonGuard& other);
  PythonGuard& operator=(const PythonGuard& other);
  PythonGuard(PythonGuard&&) noexcept;
  PythonGuard& operator=(PythonGuard&&) noexcept;
  ~PythonGuard();

  /// The lines [first_line, first_line + removed_lines) go; new lines come in their place. They lie behind
  /// those of the edit before and within the program; first_line == line_count() appends.
  void begin_edit(std::size_t first_line, std::size_t removed_lines);

  /// A new line begins, and the one before it ends.
  void begin_line();
  /// Whether the new line may go on with these bytes: some continuation is valid.
  bool allows_text(std::string_view bytes) const;
  /// The line goes on with them. After bytes that were not allowed nothing is.
  void accept_text(std::string_view bytes);
  /// Whether the new line may end here, be it for another new line of this edit.
  bool allows_line_end() const;

  /// The first kept line behind the edit that would not fit what stands before it if the edit ended here;
  /// line_count() if only the program's end would not; kWholeProgram if all fits. An edit that begins
  /// at that line or before may still make it good.
  std::size_t fits_until() const;
  /// Whether the edit may end here with all that follows unchanged.
  bool allows_edit_end() const { return fits_until() == kWholeProgram; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace samara::diff
