#include "samara/mutation/text/text_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "samara/base/text.h"

namespace samara::text {
namespace {

using Words = std::vector<std::string_view>;

/// Signs and words that may stand for each other.
const std::vector<Words>& sign_kinds() {
  static const std::vector<Words> kinds{{"+", "-", "*", "/", "%"},
                                        {"<", "<=", ">", ">=", "==", "!="},
                                        {"&&", "||"},
                                        {"and", "or"},
                                        {"&", "|", "^"},
                                        {"<<", ">>"},
                                        {"+=", "-=", "*=", "/="},
                                        {"++", "--"},
                                        {"true", "false"},
                                        {"True", "False"},
                                        {"break", "continue"}};
  return kinds;
}

template <typename T>
const T& any_of(const std::vector<T>& items, Rng& rng) {
  return items[rng.below(static_cast<std::uint32_t>(items.size()))];
}

/// 1, 2, 3 ... with probability 1/2, 1/4, 1/8 ...
int small_step(Rng& rng) {
  int step = 1;
  while (step < 30 && rng.chance(0.5)) ++step;
  return step;
}

std::string replaced(std::string_view text, std::size_t begin, std::size_t end, std::string_view by) {
  std::string result(text.substr(0, begin));
  result += by;
  result += text.substr(end);
  return result;
}

std::string shown(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return one_line(text.substr(begin), 60);
}

/// A number as it is written: what can be reckoned with, and the letters behind it (`u`, `f32`).
struct Number {
  double value = 0.0;
  bool integer = true;
  std::string_view suffix;
};

/// None for what is not decimal: hexadecimal and octal numbers, and integers beyond 2^53.
std::optional<Number> parse_number(std::string_view text) {
  Number number;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number.value);
  if (error != std::errc()) return std::nullopt;
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(rest - text.data()));
  number.suffix = text.substr(digits.size());
  number.integer = digits.find_first_of(".eE") == std::string_view::npos;
  if (number.integer && digits.size() > 1 && digits.front() == '0') return std::nullopt;
  if (number.suffix.find_first_of("xX_.'") != std::string_view::npos) return std::nullopt;
  if (!std::isfinite(number.value) || (number.integer && number.value > 0x1.0p53)) return std::nullopt;
  return number;
}

std::string write_number(const Number& number) {
  if (number.integer) return fmt::format("{:.0f}{}", number.value, number.suffix);
  std::string digits = fmt::format("{:.4g}", number.value);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits + std::string(number.suffix);
}

/// As the genetic operator perturbs Python's numbers, but never below 0: a sign is not part of a number here.
double perturbed(const Number& number, Rng& rng) {
  const double factor = rng.uniform(1.0, 2.0);
  const double scaled = rng.chance(0.5) ? number.value * factor : number.value / factor;
  if (number.integer) {
    if (rng.chance(0.5)) return std::round(scaled);
    const int step = small_step(rng);
    return std::abs(number.value + (rng.chance(0.5) ? step : -step));
  }
  if (rng.chance(0.5)) return scaled;
  const double triangular = rng.uniform() - rng.uniform();
  return std::abs(number.value + std::max(1.0, number.value) * triangular);
}

bool stands_between_operands(const SourceText& source, std::size_t index) {
  if (index == 0 || index + 1 >= source.tokens().size()) return false;
  const Token &before = source.tokens()[index - 1], &sign = source.tokens()[index],
              &after = source.tokens()[index + 1];
  const bool operand_before = (before.kind == TokenKind::kName && !is_keyword(source.text_of(before))) ||
                              before.kind == TokenKind::kNumber || before.kind == TokenKind::kClose;
  const bool spaced_before = before.end < sign.begin, spaced_after = sign.end < after.begin;
  // `int* p`, `int *p`; and `vector<int>`, where no spaces stand at all.
  const bool angle = source.text_of(sign) == "<" || source.text_of(sign) == ">";
  return operand_before && spaced_before == spaced_after && (spaced_before || !angle);
}

/// The kind that the token may be swapped within; null where there is none.
const Words* kind_of(const SourceText& source, std::size_t index) {
  const Token& token = source.tokens()[index];
  if (token.kind != TokenKind::kSign && token.kind != TokenKind::kName) return nullptr;
  const std::string_view word = source.text_of(token);
  for (const Words& kind : sign_kinds()) {
    if (std::find(kind.begin(), kind.end(), word) == kind.end()) continue;
    static constexpr std::string_view kBinary = "+-*/%<>&|^";
    const bool binary = word.size() == 1 && kBinary.find(word.front()) != std::string_view::npos;
    return !binary || stands_between_operands(source, index) ? &kind : nullptr;
  }
  return nullptr;
}

std::vector<std::size_t> indices(const SourceText& source, auto&& wanted) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < source.tokens().size(); ++i) {
    if (wanted(i)) found.push_back(i);
  }
  return found;
}

std::vector<std::size_t> numbers(const SourceText& source) {
  return indices(source, [&](std::size_t i) {
    const Token& token = source.tokens()[i];
    return token.kind == TokenKind::kNumber && parse_number(source.text_of(token));
  });
}

std::optional<Edited> replace_token(const SourceText& source, std::size_t index, std::string_view by,
                                    std::string_view what) {
  const Token& token = source.tokens()[index];
  const std::string_view old = source.text_of(token);
  if (old == by) return std::nullopt;
  return Edited{replaced(source.text(), token.begin, token.end, by),
                fmt::format("{} {} -> {} on line {}", what, old, by, source.line_of(token.begin))};
}

/// The role that a name plays in the text around it; one may only take the place of another of the same role.
enum class Role { kNone, kValue, kCalled, kMember };

Role role_of(const SourceText& source, std::size_t index) {
  const auto at = static_cast<std::ptrdiff_t>(index);
  const Token& token = source.tokens()[index];
  if (token.kind != TokenKind::kName || is_keyword(source.text_of(token))) return Role::kNone;
  if (source.is_value(index)) return Role::kValue;
  const std::string_view before = source.word(at - 1), after = source.word(at + 1);
  if (before == "." || before == "->") return after == "(" ? Role::kNone : Role::kMember;
  // `int area(` declares.
  const bool declared = at > 0 && source.tokens()[index - 1].kind == TokenKind::kName && before != "return";
  return after == "(" && !declared ? Role::kCalled : Role::kNone;
}

/// A unit, small ones more probably: each with a weight of one divided by its lines.
const Unit& any_unit(const std::vector<Unit>& units, Rng& rng) {
  std::vector<double> weights;
  for (const Unit& unit : units) weights.push_back(1.0 / static_cast<double>(unit.lines));
  return units[rng.weighted(weights)];
}

std::string_view text_of(const SourceText& source, const Unit& unit) {
  return source.text().substr(unit.begin, unit.end - unit.begin);
}

bool overlap(const Unit& a, const Unit& b) {
  return a.begin < b.end && b.begin < a.end;
}

/// The unit's lines at another indentation, the last one with a line break. A line that has not got the
/// unit's indentation stays.
std::string reindented(std::string_view lines, std::string_view from, std::string_view to) {
  std::string result;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::string_view line = lines.substr(begin, end - begin);
    if (line.starts_with(from)) {
      result += to;
      result += line.substr(from.size());
    } else {
      result += line;
    }
    result += '\n';
    begin = end + 1;
  }
  return result;
}

/// Where a unit can be put: in front of or behind another, at its indentation.
struct Place {
  std::size_t offset = 0;
  std::string_view indentation;
};

Place any_place(const std::vector<Unit>& units, Rng& rng) {
  const Unit& beside = any_unit(units, rng);
  return {rng.chance(0.5) ? beside.begin : beside.end, beside.indentation};
}

std::string inserted(const SourceText& source, const Place& place, std::string_view lines,
                     std::string_view indentation) {
  std::string text = reindented(lines, indentation, place.indentation);
  const bool open_line = place.offset > 0 && source.text()[place.offset - 1] != '\n';
  return replaced(source.text(), place.offset, place.offset, open_line ? '\n' + text : text);
}

std::optional<Edited> if_changed(const SourceText& source, std::string text, std::string note) {
  if (text == source.text()) return std::nullopt;
  return Edited{std::move(text), std::move(note)};
}

}  // namespace

std::optional<Edited> change_number(const SourceText& source, Rng& rng) {
  const std::vector<std::size_t> places = numbers(source);
  if (places.empty()) return std::nullopt;
  const std::size_t index = any_of(places, rng);
  Number number = *parse_number(source.text_of(source.tokens()[index]));
  number.value = perturbed(number, rng);
  return replace_token(source, index, write_number(number), "number");
}

std::optional<Edited> change_sign(const SourceText& source, Rng& rng) {
  const std::vector<std::size_t> places =
      indices(source, [&](std::size_t i) { return kind_of(source, i) != nullptr; });
  if (places.empty()) return std::nullopt;
  const std::size_t index = any_of(places, rng);
  return replace_token(source, index, any_of(*kind_of(source, index), rng), "sign");
}

std::optional<Edited> change_name(const SourceText& source, Rng& rng) {
  const std::vector<std::size_t> places =
      indices(source, [&](std::size_t i) { return role_of(source, i) != Role::kNone; });
  if (places.empty()) return std::nullopt;
  const std::size_t index = any_of(places, rng);
  const Role role = role_of(source, index);
  std::vector<std::string_view> others;
  for (const std::size_t i : places) {
    if (role_of(source, i) == role) others.push_back(source.text_of(source.tokens()[i]));
  }
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  return replace_token(source, index, any_of(others, rng), "name");
}

std::optional<Edited> grow_expression(const SourceText& source, Rng& rng) {
  const std::vector<std::size_t> places = indices(source, [&](std::size_t i) {
    const Token& token = source.tokens()[i];
    return (token.kind == TokenKind::kNumber && parse_number(source.text_of(token))) || source.is_value(i);
  });
  if (places.empty()) return std::nullopt;
  const std::size_t index = any_of(places, rng);
  const std::string_view operand = source.text_of(source.tokens()[index]);
  const std::string_view sign = any_of(Words{"+", "-", "*", "/"}, rng);
  const std::string other = rng.chance(0.5)
                                ? std::string(source.text_of(source.tokens()[any_of(places, rng)]))
                                : std::to_string(small_step(rng));
  return replace_token(source, index, fmt::format("({} {} {})", operand, sign, other), "expression");
}

std::optional<Edited> change_piece(const SourceText& source, Rng& rng) {
  const std::vector<Piece> pieces = source.pieces();
  if (pieces.size() < 2) return std::nullopt;
  const Piece &place = any_of(pieces, rng), &taken = any_of(pieces, rng);
  if (place.bracket != taken.bracket) return std::nullopt;
  const std::vector<Token>& tokens = source.tokens();
  const std::size_t begin = tokens[place.first].begin, end = tokens[place.last - 1].end;
  const std::size_t from = tokens[taken.first].begin;
  const std::string_view old = source.text().substr(begin, end - begin);
  const std::string_view by = source.text().substr(from, tokens[taken.last - 1].end - from);
  return if_changed(source, replaced(source.text(), begin, end, by),
                    fmt::format("piece {} -> {} on line {}", shown(old), shown(by), source.line_of(begin)));
}

std::optional<Edited> delete_unit(const SourceText& source, Rng& rng) {
  const std::vector<Unit> units = source.units();
  if (units.size() < 2) return std::nullopt;
  const Unit& unit = any_unit(units, rng);
  return if_changed(
      source, replaced(source.text(), unit.begin, unit.end, ""),
      fmt::format("deleted line {}: {}", source.line_of(unit.begin), shown(text_of(source, unit))));
}

std::optional<Edited> copy_unit(const SourceText& source, Rng& rng) {
  const std::vector<Unit> units = source.units();
  if (units.empty()) return std::nullopt;
  const Unit& unit = any_unit(units, rng);
  const Place place = any_place(units, rng);
  return if_changed(source, inserted(source, place, text_of(source, unit), unit.indentation),
                    fmt::format("copied line {} to line {}: {}", source.line_of(unit.begin),
                                source.line_of(place.offset), shown(text_of(source, unit))));
}

std::optional<Edited> move_unit(const SourceText& source, Rng& rng) {
  const std::vector<Unit> units = source.units();
  if (units.size() < 2) return std::nullopt;
  const Unit& unit = any_unit(units, rng);
  Place place = any_place(units, rng);
  if (place.offset > unit.begin && place.offset < unit.end) return std::nullopt;  // into itself
  const std::string rest = replaced(source.text(), unit.begin, unit.end, "");
  const std::size_t to_line = source.line_of(place.offset);
  if (place.offset >= unit.end) place.offset -= unit.end - unit.begin;
  return if_changed(source, inserted(SourceText(rest), place, text_of(source, unit), unit.indentation),
                    fmt::format("moved line {} to line {}: {}", source.line_of(unit.begin), to_line,
                                shown(text_of(source, unit))));
}

std::optional<Edited> swap_units(const SourceText& source, Rng& rng) {
  const std::vector<Unit> units = source.units();
  if (units.size() < 2) return std::nullopt;
  const Unit *first = &any_unit(units, rng), *second = &any_unit(units, rng);
  if (overlap(*first, *second)) return std::nullopt;
  if (second->begin < first->begin) std::swap(first, second);
  std::string text(source.text().substr(0, first->begin));
  text += reindented(text_of(source, *second), second->indentation, first->indentation);
  text += source.text().substr(first->end, second->begin - first->end);
  text += reindented(text_of(source, *first), first->indentation, second->indentation);
  text += source.text().substr(second->end);
  return if_changed(source, std::move(text),
                    fmt::format("swapped lines {} and {}: {}", source.line_of(first->begin),
                                source.line_of(second->begin), shown(text_of(source, *first))));
}

std::optional<Edited> cross_over(const SourceText& source, const SourceText& donor, Rng& rng) {
  const std::vector<Unit> mine = source.units(), others = donor.units();
  if (mine.empty() || others.empty()) return std::nullopt;
  const Unit& taken = any_unit(others, rng);
  const std::string_view lines = text_of(donor, taken);
  if (source.text().find(lines) != std::string_view::npos) return std::nullopt;
  if (rng.chance(0.5)) {
    const Place place = any_place(mine, rng);
    return if_changed(
        source, inserted(source, place, lines, taken.indentation),
        fmt::format("took to line {} from the donor: {}", source.line_of(place.offset), shown(lines)));
  }
  const Unit& unit = any_unit(mine, rng);
  return if_changed(
      source,
      replaced(source.text(), unit.begin, unit.end, reindented(lines, taken.indentation, unit.indentation)),
      fmt::format("replaced line {} from the donor: {}", source.line_of(unit.begin), shown(lines)));
}

}  // namespace samara::text
