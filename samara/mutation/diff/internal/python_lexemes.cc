#include "samara/mutation/diff/internal/python_lexemes.h"

#include <bit>

namespace samara::diff::internal {
namespace {

constexpr std::uint8_t kRaw = 1, kBytes = 2, kFormat = 4, kUnicode = 8, kNoPrefix = 128;

bool is_hex(char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

bool digit_of(NumberPart part, char byte) {
  if (part == NumberPart::kHex) return is_hex(byte);
  if (part == NumberPart::kOctal) return byte >= '0' && byte <= '7';
  if (part == NumberPart::kBinary) return byte == '0' || byte == '1';
  return is_digit(byte);
}

/// Where a decimal number may go on from its integer part.
bool continue_decimal(PythonState& state, char byte) {
  switch (lower(byte)) {
    case '.':
      state.number = NumberPart::kPoint;
      return true;
    case 'e':
      state.number = NumberPart::kExponentMark;
      return true;
    case 'j':
      state.number = NumberPart::kImaginary;
      return true;
    default:
      return false;
  }
}

}  // namespace

void narrow_keywords(std::uint8_t& low, std::uint8_t& high, std::size_t length, char byte) {
  const auto matches = [&](unsigned i) {
    return kKeywords[i].text.size() > length && kKeywords[i].text[length] == byte;
  };
  while (low < high && !matches(low)) ++low;
  while (low < high && !matches(high - 1U)) --high;
}

std::optional<Symbol> single_symbol(char byte) {
  switch (byte) {
    case '(':
      return Symbol::kOpenParen;
    case ')':
      return Symbol::kCloseParen;
    case '[':
      return Symbol::kOpenBracket;
    case ']':
      return Symbol::kCloseBracket;
    case '{':
      return Symbol::kOpenBrace;
    case '}':
      return Symbol::kCloseBrace;
    case ',':
      return Symbol::kComma;
    case ';':
      return Symbol::kSemicolon;
    case '~':
      return Symbol::kTilde;
    default:
      return std::nullopt;
  }
}

std::uint8_t prefix_letter(char byte) {
  switch (lower(byte)) {
    case 'r':
      return kRaw;
    case 'b':
      return kBytes;
    case 'f':
      return kFormat;
    case 'u':
      return kUnicode;
    default:
      return 0;
  }
}

std::uint8_t add_prefix_letter(std::uint8_t prefix, char byte) {
  const std::uint8_t letter = prefix_letter(byte);
  if (prefix == 0 && letter != 0) return letter;
  const auto both = static_cast<std::uint8_t>(prefix | letter);
  const bool pair = both == (kRaw | kBytes) || both == (kRaw | kFormat);
  return std::has_single_bit(prefix) && letter != 0 && both != prefix && pair ? both : kNoPrefix;
}

bool is_string_prefix(std::uint8_t prefix) {
  return prefix != 0 && prefix != kNoPrefix;
}

bool continue_number(PythonState& state, char byte) {
  NumberPart& part = state.number;
  if (byte == '_') {
    const bool digits = part == NumberPart::kZero || part == NumberPart::kZeros ||
                        part == NumberPart::kDigits || part == NumberPart::kPadded ||
                        part == NumberPart::kFraction || part == NumberPart::kExponent ||
                        part == NumberPart::kHex || part == NumberPart::kOctal || part == NumberPart::kBinary;
    if (!digits || (state.digit_due && part < NumberPart::kHex)) return false;
    if (state.digit_due && state.length != 2) return false;  // 0x_1, but not 0x1__1
    if (part == NumberPart::kZero) part = NumberPart::kZeros;
    state.digit_due = true;
    return true;
  }
  const bool was_due = state.digit_due;
  if (was_due) {
    if (!digit_of(part, byte)) return false;
    state.digit_due = false;
  }
  switch (part) {
    case NumberPart::kZero: {
      const char letter = lower(byte);
      if (letter == 'x' || letter == 'o' || letter == 'b') {
        part = letter == 'x' ? NumberPart::kHex : letter == 'o' ? NumberPart::kOctal : NumberPart::kBinary;
        state.digit_due = true;
        return true;
      }
      [[fallthrough]];
    }
    case NumberPart::kZeros:
      if (is_digit(byte)) {
        part = byte == '0' ? NumberPart::kZeros : NumberPart::kPadded;
        return true;
      }
      return continue_decimal(state, byte);
    case NumberPart::kPadded:
    case NumberPart::kDigits:
      return is_digit(byte) || continue_decimal(state, byte);
    case NumberPart::kPoint:
    case NumberPart::kFraction:
      if (is_digit(byte)) {
        part = NumberPart::kFraction;
        return true;
      }
      return byte != '.' && continue_decimal(state, byte);
    case NumberPart::kExponentMark:
    case NumberPart::kExponentSign:
      if (part == NumberPart::kExponentMark && (byte == '+' || byte == '-')) {
        part = NumberPart::kExponentSign;
        return true;
      }
      if (!is_digit(byte)) return false;
      part = NumberPart::kExponent;
      return true;
    case NumberPart::kExponent:
      if (lower(byte) == 'j') {
        part = NumberPart::kImaginary;
        return true;
      }
      return is_digit(byte);
    case NumberPart::kHex:
    case NumberPart::kOctal:
    case NumberPart::kBinary:
      return digit_of(part, byte);
    case NumberPart::kImaginary:
      return false;
  }
  return false;
}

bool number_may_end(const PythonState& state) {
  return !state.digit_due && state.number != NumberPart::kPadded &&
         state.number != NumberPart::kExponentMark && state.number != NumberPart::kExponentSign;
}

bool take_escape(StringState& string, char byte, bool strict, bool& handled) {
  constexpr std::uint8_t kDigits = 4;  // escape == kDigits + n: n hex digits to come
  switch (string.escape) {
    case 1:
      string.escape = 0;
      if (byte == 'x') {
        string.escape = kDigits + 2;
      } else if (byte == 'u' && !string.bytes) {
        string.escape = kDigits + 4;
      } else if (byte == 'U' && !string.bytes) {
        string.escape = kDigits + 8;
      } else if (byte == 'N' && !string.bytes) {
        if (strict) return false;
        string.escape = 2;
      } else {
        handled = !(string.format && (byte == '{' || byte == '}'));
      }
      return true;
    case 2:
      string.escape = 3;
      return byte == '{';
    case 3:
      if (byte == '}') string.escape = 0;
      return byte != string.quote;
    default: {
      const int left = string.escape - kDigits;
      if (!is_hex(byte)) return false;
      // At most 10FFFF; the sixteenth plane is left out, as are surrogates nowhere: Python takes them.
      if (left > 5 && byte != '0') return false;
      string.escape = static_cast<std::uint8_t>(left == 1 ? 0 : string.escape - 1);
      return true;
    }
  }
}

}  // namespace samara::diff::internal
