// The names among what PythonScanner reads: which may be written, and what is told of them.
#include "samara/mutation/diff/internal/python_lexemes.h"
#include "samara/mutation/diff/internal/python_patterns.h"
#include "samara/mutation/diff/internal/python_scanner.h"

namespace samara::diff::internal {
namespace {

constexpr unsigned kMaxNewName = 64;  // bytes
constexpr std::string_view kLoopLetters = "abcijknvxy";

bool is_soft(Symbol symbol) {
  return symbol == Symbol::kMatch || symbol == Symbol::kCase;
}

std::uint32_t letter_bit(char letter) {
  return letter >= 'a' && letter <= 'z' ? std::uint32_t{1} << (letter - 'a') : 0;
}

}  // namespace

bool PythonScanner::spells(std::uint32_t begin, std::size_t length, std::string_view name,
                           bool prefix) const {
  if (prefix ? name.size() < length : name.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (at(begin + static_cast<std::uint32_t>(i)) != name[i]) return false;
  }
  return true;
}

bool PythonScanner::known_fits(const PythonState& state, bool complete, NameRole role) const {
  std::uint8_t wanted = 0;
  bool reads = false;
  switch (role) {
    case NameRole::kStatement:
    case NameRole::kStore:
    case NameRole::kParameter:
      if (!complete) return true;
      if (role != NameRole::kStatement) return true;
      reads = true;
      break;
    case NameRole::kLoad:
      reads = true;
      break;
    case NameRole::kArgument:
      reads = true;
      wanted = use::kArgument;
      break;
    case NameRole::kArgumentOnly:
      wanted = use::kArgument;
      break;
    case NameRole::kAttribute:
      wanted = use::kAttribute;
      break;
    case NameRole::kModule:
      wanted = use::kModule;
      break;
    case NameRole::kMember:
      wanted = use::kMember;
      break;
  }
  if (reads) wanted |= use::kAlways;
  const NameRules& names = *rules_.names;
  for (std::size_t i = state.known_low; i < state.known_high; ++i) {
    const PythonNames::Entry& entry = (*names.known)[i];
    if (complete && entry.text.size() != state.length) break;  // it would be the first
    if ((entry.uses & wanted) != 0 || (reads && names.live[i] > 0)) return true;
  }
  if (!reads) return false;
  const bool prefix = !complete;
  for (const std::string& name : names.added) {
    if (spells(state.name_begin, state.length, name, prefix)) return true;
  }
  for (unsigned i = 0; i < state.names; ++i) {
    const BoundName& name = state.bound[i];
    if (name.status != BoundName::Status::kVisible || name.begin == state.name_begin) continue;
    bool same = prefix ? name.length >= state.length : name.length == state.length;
    for (std::uint32_t k = 0; same && k < state.length; ++k)
      same = at(name.begin + k) == at(state.name_begin + k);
    if (same) return true;
  }
  return state.length == 1 && kLoopLetters.find(at(state.name_begin)) != std::string_view::npos &&
         awaits_comprehension(state);
}

bool PythonScanner::name_fits(const PythonState& state) const {
  return state.name_fits && (rules_.names == nullptr || known_fits(state, false, name_role(state)));
}

bool PythonScanner::begin_name(PythonState& state, char byte) const {
  state.lexeme = Lexeme::kName;
  state.length = 0;
  state.name_begin = state.position;
  state.name_hash = 2166136261U;
  state.prefix = 0;
  state.keyword_low = 0;
  state.keyword_high = static_cast<std::uint8_t>(kKeywords.size());
  state.known_low = 0;
  state.known_high = rules_.names != nullptr ? static_cast<std::uint16_t>(rules_.names->known->size()) : 0;
  state.name_fits = may_take(state, Symbol::kName);
  state.literal_fits =
      prefix_letter(byte) != 0 && (may_take(state, Symbol::kString) || may_take(state, Symbol::kBytes));
  return continue_name(state, byte);
}

bool PythonScanner::continue_name(PythonState& state, char byte) const {
  if (state.length > (rules_.strict ? kMaxNewName : 4096U)) return false;
  state.name_hash = (state.name_hash ^ static_cast<unsigned char>(byte)) * 16777619U;  // FNV-1a
  narrow_keywords(state.keyword_low, state.keyword_high, state.length, byte);
  if (rules_.names != nullptr)
    rules_.names->known->narrow(state.known_low, state.known_high, state.length, byte);
  state.prefix = add_prefix_letter(state.prefix, byte);
  ++state.length;
  if (state.literal_fits && is_string_prefix(state.prefix)) return true;
  // The byte at hand counts as read: names are compared with the text.
  if (name_fits(state)) return true;
  for (unsigned i = state.keyword_low; i < state.keyword_high; ++i) {
    if (keyword_fits(state, kKeywords[i].symbol)) return true;
  }
  return false;
}

/// Import statements need a module that may be imported.
bool PythonScanner::keyword_fits(const PythonState& state, Symbol symbol) const {
  const bool imports = symbol == Symbol::kImport || symbol == Symbol::kFrom;
  if (imports && state.need == Need::kStatement && rules_.names != nullptr && !rules_.names->has_modules)
    return false;
  if (!is_soft(symbol)) return may_take(state, symbol);
  return state.need == Need::kStatement && may_take(state, held(symbol));  // elsewhere it is a name
}

Symbol PythonScanner::held(Symbol soft) const {
  if (rules_.names == nullptr) return soft;
  return soft == Symbol::kMatch ? Symbol::kNewMatch : Symbol::kNewCase;
}

bool PythonScanner::ends_with_misplaced_keyword(const PythonState& state) const {
  if (rules_.names == nullptr || state.lexeme != Lexeme::kName || state.known_low < state.known_high)
    return false;
  const bool keyword =
      state.keyword_low < state.keyword_high && kKeywords[state.keyword_low].text.size() == state.length;
  if (!keyword) return false;
  for (unsigned i = state.keyword_low; i < state.keyword_high; ++i) {
    if (is_soft(kKeywords[i].symbol) || keyword_fits(state, kKeywords[i].symbol)) return false;
  }
  return true;
}

bool PythonScanner::use_name(PythonState& state, Symbol symbol) const {
  const NameRole role = name_role(state);
  const bool pattern = state.depth > 0 && is_pattern(state.top());
  const bool wildcard = pattern && state.length == 1 && at(state.name_begin) == '_';
  const bool tentative = may_become_target(state);
  bool reads = true;
  state.argument_only = state.no_argument = false;
  if (rules_.names != nullptr) {
    reads = known_fits(state, true, role == NameRole::kArgument ? NameRole::kLoad : role);
    if (role == NameRole::kArgument) {
      state.no_argument = !known_fits(state, true, NameRole::kArgumentOnly);
      state.argument_only = !reads;
      if (!reads && state.no_argument) return false;
    } else if (pattern && role == NameRole::kStatement) {
      state.no_argument = !known_fits(state, true, NameRole::kAttribute);
    } else if (!reads && role != NameRole::kStatement) {
      return false;
    }
    const bool loads = role == NameRole::kLoad || role == NameRole::kArgument;
    if (loads && reads && state.length == 1) owe(state);
  }
  const bool target = state.depth > 0 && state.top().kind == FrameKind::kComprehensionTarget;
  if (target && state.length == 1) state.owed &= ~letter_bit(at(state.name_begin));
  const bool module_part =
      state.depth > 0 && state.top().kind == FrameKind::kImport && state.top().has(flag::kStarted);
  if (!feed(state, symbol)) return false;
  if (wildcard) return true;
  if (rules_.names != nullptr && role == NameRole::kStatement && !reads) state.must_assign = true;

  if (rules_.listener != nullptr && state.length <= 255) {
    const std::uint8_t uses = role == NameRole::kAttribute   ? use::kAttribute
                              : role == NameRole::kModule    ? use::kModule
                              : role == NameRole::kMember    ? use::kMember
                              : role == NameRole::kParameter ? use::kArgument
                              : role == NameRole::kStore     ? 0
                                                             : use::kRead;
    if (uses != 0) rules_.listener->saw(uses, state.name_begin, static_cast<std::uint8_t>(state.length));
  }
  const bool imports = role == NameRole::kMember ||
                       (role == NameRole::kModule && !module_part && state.top().kind == FrameKind::kImport);
  if (role == NameRole::kStore || role == NameRole::kParameter || imports) {
    bind(state, BoundName::Status::kBound);
  } else if (tentative) {
    bind(state, BoundName::Status::kTentative);
  }
  return true;
}

void PythonScanner::owe(PythonState& state) const {
  // Read before it is bound, if nothing else binds it.
  const bool visible = [&] {
    PythonState elsewhere = state;
    elsewhere.depth = 0;  // no brackets that a comprehension could be in
    return known_fits(elsewhere, true, NameRole::kLoad);
  }();
  if (!visible) state.owed |= letter_bit(at(state.name_begin));
}

bool PythonScanner::end_name(PythonState& state) const {
  state.lexeme = Lexeme::kNone;
  const bool keyword =
      state.keyword_low < state.keyword_high && kKeywords[state.keyword_low].text.size() == state.length;
  if (!keyword) return use_name(state);
  const Symbol symbol = kKeywords[state.keyword_low].symbol;
  if (is_soft(symbol)) {
    if (state.need != Need::kStatement) return use_name(state);
    if (awaits_case(state)) return feed(state, held(symbol));
    if (rules_.names != nullptr) return use_name(state, held(symbol));
    const std::uint32_t begin = state.name_begin;
    if (!feed(state, symbol)) return false;
    state.name_begin = begin;
    bind(state, BoundName::Status::kTentative);
    return true;
  }
  return feed(state, symbol);
}

}  // namespace samara::diff::internal
