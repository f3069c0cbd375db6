// Spellings: keywords, operators, numbers, string prefixes and escapes. Used by python_scanner.cc alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

struct Keyword {
  std::string_view text;
  Symbol symbol;
};
/// In order of text. `match` and `case` are names everywhere but at the beginning of a statement.
inline constexpr auto kKeywords = std::to_array<Keyword>({
    {"False", Symbol::kConstant}, {"None", Symbol::kConstant},
    {"True", Symbol::kConstant},  {"and", Symbol::kLogical},
    {"as", Symbol::kAs},          {"assert", Symbol::kAssert},
    {"async", Symbol::kAsync},    {"await", Symbol::kAwait},
    {"break", Symbol::kBreak},    {"case", Symbol::kCase},
    {"class", Symbol::kClass},    {"continue", Symbol::kContinue},
    {"def", Symbol::kDef},        {"del", Symbol::kDel},
    {"elif", Symbol::kElif},      {"else", Symbol::kElse},
    {"except", Symbol::kExcept},  {"finally", Symbol::kFinally},
    {"for", Symbol::kFor},        {"from", Symbol::kFrom},
    {"global", Symbol::kGlobal},  {"if", Symbol::kIf},
    {"import", Symbol::kImport},  {"in", Symbol::kIn},
    {"is", Symbol::kIs},          {"lambda", Symbol::kLambda},
    {"match", Symbol::kMatch},    {"nonlocal", Symbol::kNonlocal},
    {"not", Symbol::kNot},        {"or", Symbol::kLogical},
    {"pass", Symbol::kPass},      {"raise", Symbol::kRaise},
    {"return", Symbol::kReturn},  {"try", Symbol::kTry},
    {"while", Symbol::kWhile},    {"with", Symbol::kWith},
    {"yield", Symbol::kYield},
});

/// Narrows [low, high), the keywords that share `length` bytes, to those that go on with `byte`.
void narrow_keywords(std::uint8_t& low, std::uint8_t& high, std::size_t length, char byte);

struct Operator {
  std::string_view text;
  Symbol symbol;
};
/// Those that are, or that begin, longer ones; the others are single_symbol()s.
inline constexpr auto kOperators = std::to_array<Operator>({
    {"+", Symbol::kPlus},        {"+=", Symbol::kAugmented},  {"-", Symbol::kMinus},
    {"-=", Symbol::kAugmented},  {"->", Symbol::kArrow},      {"*", Symbol::kStar},
    {"*=", Symbol::kAugmented},  {"**", Symbol::kDoubleStar}, {"**=", Symbol::kAugmented},
    {"/", Symbol::kSlash},       {"/=", Symbol::kAugmented},  {"//", Symbol::kBinary},
    {"//=", Symbol::kAugmented}, {"%", Symbol::kBinary},      {"%=", Symbol::kAugmented},
    {"@", Symbol::kAt},          {"@=", Symbol::kAugmented},  {"&", Symbol::kBinary},
    {"&=", Symbol::kAugmented},  {"|", Symbol::kBar},         {"|=", Symbol::kAugmented},
    {"^", Symbol::kBinary},      {"^=", Symbol::kAugmented},  {"<", Symbol::kCompare},
    {"<=", Symbol::kCompare},    {"<<", Symbol::kBinary},     {"<<=", Symbol::kAugmented},
    {">", Symbol::kCompare},     {">=", Symbol::kCompare},    {">>", Symbol::kBinary},
    {">>=", Symbol::kAugmented}, {"=", Symbol::kAssign},      {"==", Symbol::kCompare},
    {"!=", Symbol::kCompare},    {":", Symbol::kColon},       {":=", Symbol::kWalrus},
    {".", Symbol::kDot},         {"...", Symbol::kEllipsis},
});

std::optional<Symbol> single_symbol(char byte);

inline bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
inline bool is_name_start(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}
inline bool is_name_byte(char byte) {
  return is_name_start(byte) || is_digit(byte);
}

/// The bit of a letter that string prefixes are made of; 0 for any other byte.
std::uint8_t prefix_letter(char byte);
/// `prefix` with one letter more; what is_string_prefix() refuses stays refused.
std::uint8_t add_prefix_letter(std::uint8_t prefix, char byte);
bool is_string_prefix(std::uint8_t prefix);

/// Takes one more byte of the number that `state` is in, if it can be one.
bool continue_number(PythonState& state, char byte);
bool number_may_end(const PythonState& state);

/// Takes a byte behind a backslash (not in raw strings). `handled`: the byte means nothing else. False: no
/// such escape. `strict`: no named characters, whose names cannot be checked.
bool take_escape(StringState& string, char byte, bool strict, bool& handled);

}  // namespace samara::diff::internal
