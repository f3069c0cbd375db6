// SourceText: what can be seen of a program without knowing its language: names, numbers, signs, brackets,
// and which lines go together. Made for the operator `text` (text_operator.h); docs/mutation-text.md says
// what is taken for what. Guesses, never errors: any bytes are a source text. Immutable after construction.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace samara::text {

enum class TokenKind { kName, kNumber, kSign, kOpen, kClose, kString };

/// Bytes [begin, end) of the text. Comments, preprocessor lines and white space are no tokens.
struct Token {
  TokenKind kind = TokenKind::kName;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Whole lines that go together: a statement, or a header with its block and what continues it (`else`, the
/// closing bracket, `end`). Brackets within are in pairs. Units are nested or apart, never interleaved.
struct Unit {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< behind the last line's break, if it has one
  std::size_t lines = 0;
  std::string_view indentation;  ///< of its first line
};

/// Tokens [first, last) between brackets, commas and semicolons within round or square brackets: arguments,
/// operands, the parts of a C `for`.
struct Piece {
  std::size_t first = 0;
  std::size_t last = 0;
  char bracket = '(';  ///< what encloses it
};

class SourceText {
 public:
  /// @param text borrowed for the object's life
  explicit SourceText(std::string_view text);

  std::string_view text() const { return text_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  std::string_view text_of(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  /// The text of the token at `index`; empty beyond both ends (-1 is before the first).
  std::string_view word(std::ptrdiff_t index) const;
  /// A token that is a name and no common keyword, and stands for a value that is read: it is neither called,
  /// assigned to, declared, nor one end of a dotted path.
  bool is_value(std::size_t index) const;
  /// Counted from 1.
  std::size_t line_of(std::size_t offset) const;

  std::vector<Unit> units() const;
  std::vector<Piece> pieces() const;

 private:
  struct Line {
    std::size_t begin = 0, end = 0;
    std::size_t first_token = 0, last_token = 0;  ///< [first, last)
    std::size_t indentation = 0;                  ///< bytes
    bool blank = true;
  };
  void find_lines();
  bool add_brackets(const Line& line, std::ptrdiff_t& depth) const;
  bool continues(const Line& line) const;

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Line> lines_;
};

/// A word that many languages reserve, such as `return`. Of the names of types only `void` is one.
bool is_keyword(std::string_view word);

}  // namespace samara::text
