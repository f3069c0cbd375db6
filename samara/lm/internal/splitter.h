// Splitter: cuts texts by a regular expression, the first step of byte-level BPE. Matches become pieces, and
// so do the texts between them: the pieces of a text, one after the other, are the text. Bytes that are not
// UTF-8 are never part of a match; a stretch of them is a piece. Immutable; the cursor that walks through a
// text belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"

namespace samara::lm::internal {

class Splitter {
 public:
  /// @param pattern  PCRE2; Unicode properties, as tokenizers understand \s and \w
  /// Errors: kInvalidArgument with the place in the pattern.
  static Result<Splitter> compile(std::string pattern);

  const std::string& pattern() const { return pattern_; }

  /// Walks through the pieces of a text. Must not outlive the splitter.
  class Cursor {
   public:
    explicit Cursor(const Splitter& splitter);
    Cursor(Cursor&&) noexcept;
    ~Cursor();
    /// `text` is borrowed until the next start().
    void start(std::string_view text);
    /// The next piece, never empty; an empty view after the last.
    std::string_view next();

   private:
    struct State;
    void find_match();
    std::string_view take(std::size_t end);
    std::unique_ptr<State> state_;
  };

 private:
  struct Code;
  Splitter(std::string pattern, std::shared_ptr<const Code> code)
      : pattern_(std::move(pattern)), code_(std::move(code)) {}
  std::string pattern_;
  std::shared_ptr<const Code> code_;
};

/// Cuts texts by several splitters, each cutting the pieces of the one before. One per thread; must not
/// outlive the splitters.
class PieceWalker {
 public:
  explicit PieceWalker(const std::vector<Splitter>& splitters) {
    cursors_.reserve(splitters.size());
    for (const Splitter& splitter : splitters) cursors_.emplace_back(splitter);
  }

  /// Calls visit(piece) for every piece of the text, in order.
  template <typename Visit>
  void for_each(std::string_view text, Visit&& visit) {
    if (!text.empty()) walk(0, text, visit);
  }

 private:
  template <typename Visit>
  void walk(std::size_t stage, std::string_view text, Visit& visit) {
    if (stage == cursors_.size()) {
      visit(text);
      return;
    }
    Splitter::Cursor& cursor = cursors_[stage];
    cursor.start(text);
    for (std::string_view piece = cursor.next(); !piece.empty(); piece = cursor.next()) {
      walk(stage + 1, piece, visit);
    }
  }

  std::vector<Splitter::Cursor> cursors_;
};

/// Length of the longest prefix that is UTF-8 (Unicode 15, table 3-7).
std::size_t utf8_prefix(std::string_view text);

}  // namespace samara::lm::internal
