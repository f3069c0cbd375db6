#include "samara/mutation/text/source_text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace samara::text {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

/// Sorted. Of C and its relatives, Rust, Go, JavaScript, Python, Lua, Ruby, Julia, shell, Pascal and Fortran.
constexpr auto kKeywords = std::to_array<std::string_view>(
    {"and",       "as",       "async",   "await",    "begin",  "break",   "case",    "catch",   "class",
     "const",     "continue", "def",     "default",  "delete", "do",      "done",    "elif",    "else",
     "elseif",    "elsif",    "end",     "endif",    "enum",   "esac",    "except",  "export",  "extern",
     "fi",        "final",    "finally", "fn",       "for",    "foreach", "from",    "func",    "function",
     "global",    "go",       "goto",    "if",       "impl",   "import",  "in",      "include", "inline",
     "is",        "lambda",   "let",     "local",    "loop",   "match",   "mod",     "module",  "mut",
     "namespace", "new",      "not",     "of",       "or",     "package", "pass",    "private", "pub",
     "public",    "raise",    "range",   "register", "repeat", "return",  "sizeof",  "static",  "struct",
     "switch",    "template", "then",    "throw",    "trait",  "try",     "type",    "typedef", "typename",
     "union",     "unless",   "until",   "use",      "using",  "var",     "virtual", "void",    "volatile",
     "when",      "where",    "while",   "with",     "yield"});
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

/// Words that begin a line which goes on with what stood at this indentation before.
constexpr auto kContinuing = std::to_array<std::string_view>(
    {"catch", "done", "elif", "else", "elseif", "elsif", "end", "endif", "esac", "except", "fi", "finally"});
static_assert(std::is_sorted(kContinuing.begin(), kContinuing.end()));

/// Longest first where one begins another.
constexpr auto kSigns = std::to_array<std::string_view>(
    {"<<=", ">>=", "===", "!==", "**=", "...", "..=", "&&=", "||=", "->", "=>", "::",
     "++",  "--",  "**",  "<<",  ">>",  "<=",  ">=",  "==",  "!=",  "~=", "&&", "||",
     "+=",  "-=",  "*=",  "/=",  "%=",  "&=",  "|=",  "^=",  ":=",  "..", "<-", "|>"});

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

/// Where the comment or preprocessor line that begins at `at` ends; none where there is none.
std::optional<std::size_t> end_of_comment(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("/*")) {
    const std::size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  // Two dashes with a space are a comment in SQL, Lua, Haskell and Ada; elsewhere nobody writes them so.
  const bool dashes = rest.starts_with("-- ") || rest.starts_with("--[[");
  if (rest.starts_with("//") || rest.front() == '#' || dashes) return end_of_line(text, at);
  return std::nullopt;
}

/// Behind the closing quote, or where the line ends without one; a back quote goes on over lines.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\n' && quote != '`') return i;
    if (text[i] == '\\') ++i;
  }
  return text.size();
}

/// Whether the single quote at `at` begins no string: a lifetime of Rust, an apostrophe.
bool is_lone_quote(std::string_view text, std::size_t at) {
  if (text[at] != '\'') return false;
  if (at > 0 && (text[at - 1] == '<' || text[at - 1] == '&')) return true;
  return text[end_of_string(text, at) - 1] != '\'';
}

/// Digits with what clings to them: letters, underscores, a fraction, an exponent with its sign.
std::size_t end_of_number(std::string_view text, std::size_t at) {
  const bool hexadecimal = text.substr(at).starts_with("0x") || text.substr(at).starts_with("0X");
  std::size_t i = at;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool exponent_sign = (c == '+' || c == '-') && i > at && !hexadecimal &&
                               (text[i - 1] == 'e' || text[i - 1] == 'E') && is_digit(next);
    const bool fraction = c == '.' && next != '.' && !(is_name_start(next) && next != 'e' && next != 'f');
    if (!is_name_part(c) && !fraction && !exponent_sign) break;
  }
  return i;
}

std::size_t end_of_sign(std::string_view text, std::size_t at) {
  for (const std::string_view sign : kSigns) {
    if (text.substr(at).starts_with(sign)) return at + sign.size();
  }
  return at + 1;
}

Token token_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (is_lone_quote(text, at)) return {TokenKind::kSign, at, at + 1};
  if (c == '"' || c == '\'' || c == '`') return {TokenKind::kString, at, end_of_string(text, at)};
  const bool fraction = c == '.' && at + 1 < text.size() && is_digit(text[at + 1]);
  if (is_digit(c) || fraction) return {TokenKind::kNumber, at, end_of_number(text, at)};
  if (is_name_start(c)) {
    std::size_t end = at;
    while (end < text.size() && is_name_part(text[end])) ++end;
    return {TokenKind::kName, at, end};
  }
  if (c == '(' || c == '[' || c == '{') return {TokenKind::kOpen, at, at + 1};
  if (c == ')' || c == ']' || c == '}') return {TokenKind::kClose, at, at + 1};
  return {TokenKind::kSign, at, end_of_sign(text, at)};
}

bool assigns(std::string_view sign) {
  static constexpr auto kComparisons = std::to_array<std::string_view>({"==", "!=", "<=", ">=", "=>", "~="});
  if (sign == "++" || sign == "--") return true;
  return sign.ends_with('=') &&
         std::find(kComparisons.begin(), kComparisons.end(), sign) == kComparisons.end();
}

bool is_path(std::string_view sign) {
  return sign == "." || sign == "->" || sign == "::";
}

}  // namespace

bool is_keyword(std::string_view word) {
  return std::binary_search(kKeywords.begin(), kKeywords.end(), word);
}

SourceText::SourceText(std::string_view text) : text_(text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n' || kBlanks.find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (const auto end = end_of_comment(text, at)) {
      at = *end;
    } else {
      tokens_.push_back(token_at(text, at));
      at = tokens_.back().end;
    }
  }
  find_lines();
}

void SourceText::find_lines() {
  std::size_t token = 0;
  for (std::size_t begin = 0; begin < text_.size();) {
    Line line;
    line.begin = begin;
    line.end = std::min(end_of_line(text_, begin) + 1, text_.size());
    const std::size_t first = std::min(text_.find_first_not_of(kBlanks, begin), text_.size());
    line.indentation = first - begin;
    line.blank = first >= line.end || text_[first] == '\n';
    line.first_token = token;
    while (token < tokens_.size() && tokens_[token].begin < line.end) ++token;
    line.last_token = token;
    lines_.push_back(line);
    begin = line.end;
  }
}

std::string_view SourceText::word(std::ptrdiff_t index) const {
  if (index < 0 || index >= std::ssize(tokens_)) return {};
  return text_of(tokens_[static_cast<std::size_t>(index)]);
}

bool SourceText::is_value(std::size_t index) const {
  const Token& token = tokens_[index];
  if (token.kind != TokenKind::kName || is_keyword(text_of(token))) return false;
  const auto at = static_cast<std::ptrdiff_t>(index);
  const std::string_view before = word(at - 1), after = word(at + 1);
  const auto is_name = [&](std::ptrdiff_t i) {
    return i >= 0 && i < std::ssize(tokens_) &&
           tokens_[static_cast<std::size_t>(i)].kind == TokenKind::kName && !is_keyword(word(i));
  };
  if (is_path(before) || is_path(after) || is_name(at - 1) || is_name(at + 1)) return false;
  return after != "(" && after != "!" && after != ":" && !assigns(after) && before != "++" && before != "--";
}

std::size_t SourceText::line_of(std::size_t offset) const {
  return 1 + static_cast<std::size_t>(
                 std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

/// Follows the brackets of a line; false where one closes that did not open at or behind where `depth` began.
bool SourceText::add_brackets(const Line& line, std::ptrdiff_t& depth) const {
  for (std::size_t t = line.first_token; t < line.last_token; ++t) {
    if (tokens_[t].kind == TokenKind::kOpen) ++depth;
    if (tokens_[t].kind == TokenKind::kClose && --depth < 0) return false;
  }
  return true;
}

/// Whether the line goes on with the unit before it at its own indentation.
bool SourceText::continues(const Line& line) const {
  if (line.first_token == line.last_token) return false;
  const std::string_view first = text_of(tokens_[line.first_token]);
  return first == "{" || std::binary_search(kContinuing.begin(), kContinuing.end(), first);
}

std::vector<Unit> SourceText::units() const {
  std::vector<Unit> units;
  for (std::size_t first = 0; first < lines_.size(); ++first) {
    const Line& head = lines_[first];
    if (head.first_token == head.last_token || continues(head)) continue;
    std::ptrdiff_t depth = 0;
    bool whole = add_brackets(head, depth);
    std::size_t last = first;
    for (std::size_t next = first + 1; whole && next < lines_.size(); ++next) {
      const Line& line = lines_[next];
      if (line.blank) continue;
      const bool deeper = line.indentation > head.indentation;
      const bool goes_on = line.indentation == head.indentation && continues(line);
      if (depth == 0 && !deeper && !goes_on) break;
      whole = add_brackets(line, depth);
      last = next;
    }
    if (!whole || depth != 0) continue;
    units.push_back(
        {head.begin, lines_[last].end, last - first + 1, text_.substr(head.begin, head.indentation)});
  }
  return units;
}

std::vector<Piece> SourceText::pieces() const {
  std::vector<Piece> pieces;
  struct Opened {
    char bracket;
    std::size_t first;  ///< token of the piece under way
  };
  std::vector<Opened> open;
  const auto close_piece = [&](std::size_t last) {
    if (open.back().bracket != '{' && open.back().first < last) {
      pieces.push_back({open.back().first, last, open.back().bracket});
    }
    open.back().first = last + 1;
  };
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::string_view word = text_of(tokens_[i]);
    if (tokens_[i].kind == TokenKind::kOpen) {
      open.push_back({word.front(), i + 1});
    } else if (open.empty()) {
      continue;
    } else if (tokens_[i].kind == TokenKind::kClose) {
      close_piece(i);
      open.pop_back();
    } else if (word == "," || word == ";") {
      close_piece(i);
    }
  }
  return pieces;
}

}  // namespace samara::text
