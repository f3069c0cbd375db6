// DiffCodec: between programs, commit messages and diffs on one side and the diff model's tokens on the
// other. docs/formats/diff-encoding.md states the encoding; hunk.h is what a diff is. Pure functions of their
// arguments; const is safe to call concurrently.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/rng.h"
#include "samara/lm/diff_specials.h"
#include "samara/lm/token.h"
#include "samara/lm/tokenizer.h"
#include "samara/mutation/diff/hunk.h"

namespace samara::diff {

/// Lines of a program that a prompt shows: [first, first + count).
struct Window {
  std::size_t first = 0;
  std::size_t count = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

/// A whole sequence to train on: the prompt, then from `loss_from` on the completion.
struct EncodedCommit {
  lm::Tokens tokens;
  std::size_t loss_from = 0;
};

class DiffCodec {
 public:
  static constexpr std::size_t kLineTokens = lm::kDiffLines;

  /// Errors: kUnsupported when the tokenizer lacks one of the diff model's special tokens.
  static Result<DiffCodec> make(lm::Tokenizer tokenizer);

  const lm::Tokenizer& tokenizer() const { return tokenizer_; }
  lm::TokenId end_token() const { return end_; }
  lm::TokenId delete_token() const { return delete_; }
  lm::TokenId insert_token() const { return insert_; }
  /// Number of the line that the token names, from 1; nothing for another token.
  std::optional<std::size_t> line_number(lm::TokenId token) const;

  // Writing.

  /// Lines as tokens, each between two times its number, which counts from `first_number` (1 or more).
  lm::Tokens encode_program(std::span<const std::string_view> lines, std::size_t first_number = 1) const;
  /// What stands between a program and the completion.
  lm::Tokens encode_request(std::string_view message) const;
  /// Hunks in a window whose first line has the number `first_number`; their lines count from the window's
  /// start.
  lm::Tokens encode_hunks(std::span<const Hunk> hunks, std::size_t first_number = 1) const;

  /// A commit as a sequence of at most `max_tokens`. A program that is too long is shown in part, around the
  /// change. Nothing when even the change is too long, or there is none.
  /// @param any_number  probability that lines are numbered from a random number on, where there is room, and
  ///                    not from 1, so that all numbers are learned
  std::optional<EncodedCommit> encode_commit(std::string_view before, std::string_view message,
                                             std::string_view after, std::size_t max_tokens,
                                             double any_number, Rng& rng) const;

  // Reading.

  /// The hunks that a completion states, for a window of `lines` lines that are numbered from 1; or why it
  /// states none, in one line. The end token may be missing.
  std::variant<std::vector<Hunk>, std::string> decode(std::span<const lm::TokenId> completion,
                                                      std::size_t lines) const;

  /// Where a completion puts a line back: how many of its tokens stand before the text of the first line that
  /// equals the removed one which it takes the place of. Nothing if there is none; a completion that decode()
  /// refuses has none. Commits are encoded without such lines.
  /// @param lines  the window's
  std::optional<std::size_t> line_put_back(std::span<const lm::TokenId> completion,
                                           std::span<const std::string_view> lines) const;

 private:
  explicit DiffCodec(lm::Tokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}
  lm::TokenId line_token(std::size_t number) const;

  lm::Tokenizer tokenizer_;
  lm::TokenId end_ = 0, file_ = 0, message_ = 0, diff_ = 0, delete_ = 0, insert_ = 0, line_1_ = 0;
};

}  // namespace samara::diff
