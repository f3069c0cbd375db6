#include "samara/mutation/diff/internal/python_scanner.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "samara/mutation/diff/internal/python_frames.h"
#include "samara/mutation/diff/internal/python_lexemes.h"
#include "samara/mutation/diff/internal/python_patterns.h"

namespace samara::diff::internal {
namespace {

constexpr unsigned kMaxColumn = 120;   // of new lines
constexpr unsigned kMaxNumber = 4300;  // digits, as CPython's limit for conversions

bool in_field(const PythonState& state) {
  return state.fields > 0;
}
bool at_field(const PythonState& state) {
  return state.depth > 0 && state.top().kind == FrameKind::kField &&
         (state.need == Need::kOperator || state.need == Need::kFieldEnd);
}

/// Back from an f-string's field, or from the format behind its colon, into the string around it.
void end_field(PythonState& state) {
  --state.depth;
  state.string = state.outer[--state.fields];
  state.lexeme = Lexeme::kString;
  state.need = Need::kOperator;
}

bool begin_field(PythonState& state) {
  if (state.fields == PythonState::kMaxFields) return false;
  state.outer[state.fields++] = state.string;
  state.lexeme = Lexeme::kNone;
  return push(state, FrameKind::kField, Need::kTest);
}

/// A byte of UTF-8 text (RFC 3629, section 4).
bool utf8_byte(PythonState& state, unsigned char byte) {
  if (state.utf8_due > 0) {
    if (byte < state.utf8_low || byte > state.utf8_high) return false;
    --state.utf8_due;
    state.utf8_low = 0x80;
    state.utf8_high = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  state.utf8_due = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  state.utf8_low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  state.utf8_high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return true;
}

bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t' && byte != '\f') || value == 0x7F;
}

}  // namespace

void PythonScanner::bind(PythonState& state, BoundName::Status status) const {
  if (state.names == PythonState::kMaxNames || state.length > 255) return;
  state.bound[state.names++] = {state.name_begin, static_cast<std::uint8_t>(state.length), status};
}

bool PythonScanner::feed(PythonState& state, Symbol symbol) const {
  const bool statement = state.depth == 1 && (state.frames[0].kind == FrameKind::kExpression ||
                                              state.frames[0].kind == FrameKind::kValue);
  const bool pattern = state.depth > 0 && is_pattern(state.top());
  const bool behind_operand = state.need == Need::kOperator;
  const bool argument =
      symbol == Symbol::kAssign && state.depth > 0 &&
      (state.top().kind == FrameKind::kCall || state.top().kind == FrameKind::kPatternClass);
  if (!take(state, symbol)) return false;
  if (state.owed != 0 && !awaits_comprehension(state)) return false;
  if (symbol == Symbol::kName) return true;
  if (argument && rules_.listener != nullptr && state.length <= 255) {
    rules_.listener->saw(use::kArgument, state.name_begin, static_cast<std::uint8_t>(state.length));
  }
  // What becomes of the names that the line may bind.
  auto* const first = state.bound.data();
  auto* const last = first + state.names;
  using Status = BoundName::Status;
  const auto forget_last = [&] {
    if (state.names > 0 && first[state.names - 1U].status == Status::kTentative &&
        first[state.names - 1U].begin == state.name_begin) {
      --state.names;
    }
  };
  if (pattern) {
    if (symbol == Symbol::kColon || symbol == Symbol::kIf) {
      for (auto* name = first; name != last; ++name) name->status = Status::kVisible;
    } else if (behind_operand &&
               (symbol == Symbol::kDot || symbol == Symbol::kOpenParen || symbol == Symbol::kAssign)) {
      forget_last();
    }
    return true;
  }
  switch (symbol) {
    case Symbol::kWalrus:
      bind(state, Status::kVisible);
      break;
    case Symbol::kAssign:
      if (statement) {
        for (auto* name = first; name != last; ++name) name->status = std::max(name->status, Status::kBound);
      }
      break;
    case Symbol::kSemicolon:
      state.names = static_cast<std::uint8_t>(
          std::remove_if(first, last, [](const BoundName& n) { return n.status == Status::kTentative; }) -
          first);
      [[fallthrough]];
    case Symbol::kColon:
    case Symbol::kIn:
      for (auto* name = first; name != first + state.names; ++name) {
        const bool annotated = statement && symbol == Symbol::kColon;
        if (name->status == Status::kBound || annotated) name->status = Status::kVisible;
      }
      break;
    case Symbol::kAs:  // import a as b
      if (state.frames[0].kind == FrameKind::kImport || state.frames[0].kind == FrameKind::kFromNames) {
        if (state.names > 0) --state.names;
      }
      break;
    case Symbol::kComma:
      if (state.frames[0].kind == FrameKind::kWith && state.depth == 1) {
        for (auto* name = first; name != last; ++name) {
          if (name->status == Status::kBound) name->status = Status::kVisible;
        }
      }
      break;
    case Symbol::kCloseParen:
    case Symbol::kCloseBracket:
      break;
    default:
      forget_last();
  }
  return true;
}

// Operators.

bool PythonScanner::continue_operator(PythonState& state, char byte) const {
  std::array<char, 3> text = state.operator_text;
  const std::size_t length = state.operator_length;
  if (length < text.size()) {
    text[length] = byte;
    const std::string_view longer(text.data(), length + 1);
    bool known = false;
    for (const Operator& op : kOperators) {
      if (!op.text.starts_with(longer)) continue;
      known = true;
      if (!may_take(state, op.symbol)) continue;
      state.operator_text = text;
      ++state.operator_length;
      return true;
    }
    if (known) return false;
  }
  const std::string_view now(state.operator_text.data(), length);
  if (now == "." && is_digit(byte) && may_take(state, Symbol::kNumber)) {
    state.lexeme = Lexeme::kNumber;
    state.number = NumberPart::kFraction;
    state.digit_due = false;
    state.length = 2;
    return feed(state, Symbol::kNumber);
  }
  if (now == "!" && at_field(state) && (byte == 'r' || byte == 's' || byte == 'a')) {
    state.lexeme = Lexeme::kNone;
    state.need = Need::kFieldEnd;
    state.top().set(flag::kPending);  // no second conversion
    return true;
  }
  return end_operator(state) && begin_token(state, byte);
}

bool PythonScanner::end_operator(PythonState& state) const {
  state.lexeme = Lexeme::kNone;
  const std::string_view text(state.operator_text.data(), state.operator_length);
  if (text == "..") return feed(state, Symbol::kDot) && feed(state, Symbol::kDot);
  for (const Operator& op : kOperators) {
    if (op.text == text) return feed(state, op.symbol);
  }
  return false;
}

// Strings.

bool PythonScanner::begin_string(PythonState& state, char quote) const {
  const std::uint8_t prefix = state.lexeme == Lexeme::kName ? state.prefix : std::uint8_t{0};
  for (unsigned i = 0; i < state.fields; ++i) {
    if (state.outer[i].quote == quote && (rules_.strict || !state.outer[i].triple)) return false;
  }
  StringState string;
  string.quote = quote;
  string.opening = 1;
  string.raw = (prefix & prefix_letter('r')) != 0;
  string.bytes = (prefix & prefix_letter('b')) != 0;
  string.format = (prefix & prefix_letter('f')) != 0;
  if (string.format && state.depth > 0 && is_pattern(state.top())) return false;
  if (!feed(state, string.bytes ? Symbol::kBytes : Symbol::kString)) return false;
  state.lexeme = Lexeme::kString;
  state.string = string;
  return true;
}

bool PythonScanner::string_byte(PythonState& state, char byte) const {
  StringState& string = state.string;
  if (string.opening == 1) {
    string.opening = byte == string.quote ? 2 : 0;
    if (string.opening == 2) return true;
  } else if (string.opening == 2) {
    string.opening = 0;
    string.triple = byte == string.quote;
    if (string.triple) return true;
    state.lexeme = Lexeme::kNone;  // it was empty
    return begin_token(state, byte);
  }
  if (is_control(byte)) return false;
  if (!utf8_byte(state, static_cast<unsigned char>(byte))) return false;
  if (static_cast<unsigned char>(byte) >= 0x80 && string.bytes) return false;

  const bool escaped = string.escape == 1;
  if (string.escape > 1 || (escaped && !string.raw)) {
    bool handled = true;
    if (!take_escape(string, byte, rules_.strict, handled)) return false;
    if (handled) return true;
  }
  if (escaped) string.escape = 0;

  if (string.format && !string.in_spec) {
    const char brace = static_cast<char>(string.brace);
    string.brace = 0;
    if (brace == '{') return byte == '{' || (begin_field(state) && begin_token(state, byte));
    if (brace == '}') return byte == '}';
    if (byte == '{' || byte == '}') {
      string.brace = static_cast<std::uint8_t>(byte);
      string.closing = 0;
      return true;
    }
  } else if (string.in_spec) {
    if (byte == '{') return begin_field(state);
    if (byte == '}') {
      end_field(state);
      return true;
    }
    if (byte == string.quote) return false;
  }
  if (escaped) {
    string.closing = 0;
    return true;
  }
  if (byte == '\\') {
    if (in_field(state)) return false;
    string.escape = 1;
    string.closing = 0;
    return true;
  }
  if (byte != string.quote) {
    string.closing = 0;
    return true;
  }
  if (!string.triple || ++string.closing == 3) state.lexeme = Lexeme::kNone;
  return true;
}

// All of it.

bool PythonScanner::begin_token(PythonState& state, char byte) const {
  if (byte == ' ') return true;
  if (byte == '\t' || byte == '\f') return !rules_.strict;
  if (byte == '#') {
    state.lexeme = Lexeme::kComment;
    state.comment_begin = state.position;
    return !in_field(state);
  }
  const bool begins_line = state.depth == 0 && state.need == Need::kStatement && !state.line_begun;
  if (begins_line && !enter_line(state, state.column, rules_.steps)) return false;
  if (byte == '\\') {
    const bool fits = !in_field(state) && state.line_begun;
    state.lexeme = Lexeme::kBackslash;
    return fits;
  }
  state.line_begun = true;
  if (is_name_start(byte) || (!rules_.strict && static_cast<unsigned char>(byte) >= 0x80))
    return begin_name(state, byte);
  if (is_digit(byte)) {
    state.lexeme = Lexeme::kNumber;
    state.number = byte == '0' ? NumberPart::kZero : NumberPart::kDigits;
    state.digit_due = false;
    state.length = 1;
    return feed(state, Symbol::kNumber);
  }
  if (byte == '"' || byte == '\'') return begin_string(state, byte);
  if (at_field(state)) {
    if (byte == '}') {
      end_field(state);
      return true;
    }
    if (byte == ':') {
      state.string = state.outer[state.fields - 1U];
      state.string.in_spec = true;
      state.lexeme = Lexeme::kString;
      return true;
    }
    if (state.need == Need::kFieldEnd && (byte != '!' || state.top().has(flag::kPending))) return false;
    if (byte == '!') {
      state.lexeme = Lexeme::kOperator;
      state.operator_text[0] = byte;
      state.operator_length = 1;
      return true;
    }
  }
  if (const std::optional<Symbol> single = single_symbol(byte)) return feed(state, *single);
  state.lexeme = Lexeme::kOperator;
  state.operator_length = 0;
  const bool number = byte == '.' && may_take(state, Symbol::kNumber);
  if (number) {
    state.operator_text[0] = byte;
    state.operator_length = 1;
    return true;
  }
  for (const Operator& op : kOperators) {
    if (op.text[0] != byte || !may_take(state, op.symbol)) continue;
    state.operator_text[0] = byte;
    state.operator_length = 1;
    return true;
  }
  return false;
}

bool PythonScanner::step(PythonState& state, char byte) const {
  bool fits = true;
  switch (state.lexeme) {
    case Lexeme::kIndent:
      if (byte == ' ') {
        ++state.column;
        fits = !rules_.strict || state.column <= max_column(state);
        break;
      }
      if (byte == '\t' && !rules_.strict) {
        state.column = static_cast<std::uint16_t>((state.column / 8 + 1) * 8);
        break;
      }
      if (byte == '\f' && !rules_.strict) {
        state.column = 0;
        break;
      }
      state.lexeme = Lexeme::kNone;
      fits = begin_token(state, byte);
      break;
    case Lexeme::kNone:
      fits = begin_token(state, byte);
      break;
    case Lexeme::kName:
      if (is_name_byte(byte) || (!rules_.strict && static_cast<unsigned char>(byte) >= 0x80)) {
        fits = continue_name(state, byte);
      } else if ((byte == '"' || byte == '\'') && is_string_prefix(state.prefix) && state.literal_fits) {
        fits = begin_string(state, byte);
      } else {
        fits = end_name(state) && begin_token(state, byte);
      }
      break;
    case Lexeme::kNumber:
      if (continue_number(state, byte)) {
        fits = ++state.length <= kMaxNumber;
      } else {
        fits = number_may_end(state) && !is_name_byte(byte);
        state.lexeme = Lexeme::kNone;
        fits = fits && begin_token(state, byte);
      }
      break;
    case Lexeme::kOperator:
      fits = continue_operator(state, byte);
      break;
    case Lexeme::kString:
      fits = string_byte(state, byte);
      break;
    case Lexeme::kComment:
      fits = !is_control(byte) && utf8_byte(state, static_cast<unsigned char>(byte));
      break;
    case Lexeme::kBackslash:
      fits = false;
      break;
  }
  ++state.position;
  return fits;
}

unsigned PythonScanner::max_column(const PythonState& state) const {
  if (state.depth > 0 || state.line_begun || state.continued) return kMaxColumn;
  const unsigned inner = state.indents[state.blocks - 1].column;
  if (state.opens == Block::kNone) return inner;
  return inner + (rules_.steps == 0 ? 8U : 31U - static_cast<unsigned>(std::countl_zero(rules_.steps)));
}

bool PythonScanner::end_line(PythonState& state) const {
  ++state.position;
  if (state.utf8_due > 0) return false;
  switch (state.lexeme) {
    case Lexeme::kString: {
      StringState& string = state.string;
      if (string.opening == 2) break;
      if (string.opening == 1 || string.escape > 1) return false;
      if (string.escape == 1) {
        string.escape = 0;
        return true;
      }
      if (!string.triple || string.brace == '}' || string.in_spec) return false;
      string.closing = 0;
      if (string.brace == '{') {
        string.brace = 0;
        return begin_field(state);
      }
      return true;
    }
    case Lexeme::kBackslash:
      state.continued = true;
      state.lexeme = Lexeme::kIndent;
      state.column = 0;
      return true;
    case Lexeme::kName:
      if (!end_name(state)) return false;
      break;
    case Lexeme::kNumber:
      if (!number_may_end(state)) return false;
      break;
    case Lexeme::kOperator:
      if (!end_operator(state)) return false;
      break;
    case Lexeme::kIndent:
    case Lexeme::kNone:
    case Lexeme::kComment:
      break;
  }
  state.lexeme = Lexeme::kIndent;
  state.column = 0;
  state.continued = false;
  for (unsigned i = 0; i < state.fields; ++i) {
    if (!state.outer[i].triple) return false;
  }
  if (in_brackets(state) || !state.line_begun) return true;
  if (!feed(state, Symbol::kNewline)) return false;
  if (rules_.listener != nullptr) {
    for (unsigned i = 0; i < state.names; ++i) {
      const BoundName& name = state.bound[i];
      if (name.status != BoundName::Status::kTentative)
        rules_.listener->saw(use::kBound, name.begin, name.length);
    }
  }
  state.names = 0;
  state.owed = 0;
  return true;
}

}  // namespace samara::diff::internal
