// DiffConstraint: holds a completion to diffs that apply to the program at hand and leave it Python: edits in
// order, lines that exist, nothing removed twice, new lines hardly longer than the program's; what inserted
// lines may hold is python_guard.h's part. As a TokenFilter it is asked about few tokens, so it costs little;
// docs/mutation-diff.md says what it costs and gains. One object per completion.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/lm/generator.h"
#include "samara/mutation/diff/diff_codec.h"
#include "samara/mutation/diff/python_guard.h"

namespace samara::diff {

class DiffConstraint : public lm::TokenFilter {
 public:
  /// @param codec, lines  borrowed for the object's life
  /// @param lines         the program's
  /// @param window        the part of them that the prompt shows
  /// @param guard         of the program
  DiffConstraint(const DiffCodec& codec, std::span<const std::string_view> lines, Window window,
                 PythonGuard guard);

  bool allows(lm::TokenId token) const override;
  void accept(lm::TokenId token) override;

 private:
  /// An edit that puts the removed line back may end: whoever asked draws another diff then. Were it held to
  /// a change, the model, which has ended, would have to add something to the line, and has nothing sensible
  /// to add.
  bool edits_something() const { return removed_ > 0 || inserted_ > 0; }
  bool may_end() const;
  bool may_name(std::size_t number) const;

  const DiffCodec& codec_;
  std::span<const std::string_view> lines_;
  Window window_;
  PythonGuard guard_;
  std::size_t max_line_bytes_;       ///< of a new line
  std::optional<std::size_t> line_;  ///< of the edit under way, in the window
  std::size_t removed_ = 0;
  std::size_t inserted_ = 0;
  std::size_t line_bytes_ = 0;  ///< of the last inserted line
};

}  // namespace samara::diff
