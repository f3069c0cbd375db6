// The patterns of `case`: python_patterns.h.
#include "samara/mutation/diff/internal/python_patterns.h"

#include <algorithm>

#include "samara/mutation/diff/internal/python_expression.h"
#include "samara/mutation/diff/internal/python_frames.h"

namespace samara::diff::internal {
namespace {

using enum FrameKind;

constexpr std::uint32_t kWildcard = (2166136261U ^ '_') * 16777619U;  // the hash of `_`
constexpr std::uint8_t kCaptureDepth = 1;  // in PythonState::used; arguments of classes are deeper

bool is_capture(const PythonState::Used& used) {
  return used.depth == kCaptureDepth;
}
bool has_captures(const PythonState& state) {
  return std::any_of(state.used.begin(), state.used.begin() + state.used_count, is_capture);
}
bool capture(PythonState& state) {
  const PythonState::Used name{state.name_hash, kCaptureDepth};
  const auto end = state.used.begin() + state.used_count;
  if (state.used_count == PythonState::kMaxUsed || std::find(state.used.begin(), end, name) != end)
    return false;
  state.used[state.used_count++] = name;
  return true;
}

/// The name of a keyword argument must come, or has come.
bool needs_argument(const Frame& frame) {
  return frame.kind == kPatternClass && frame.has(flag::kKeyword) && !frame.has(flag::kInValue);
}

/// What the element at hand matches is anything.
bool is_irrefutable(const Frame& frame) {
  return frame.operand == Operand::kName || frame.operand == Operand::kTargetGroup;
}

bool close_group(PythonState& state, Symbol symbol) {
  const Frame frame = state.top();
  const bool lone = !frame.has(flag::kComma);
  if (symbol != (frame.kind == kPatternList ? Symbol::kCloseBracket : Symbol::kCloseParen)) return false;
  if (state.depth == 1 || (frame.kind == kPatternGroup && lone && frame.has(flag::kStar))) return false;
  pop(state);
  state.top().operand = frame.kind == kPatternClass                                    ? Operand::kCall
                        : frame.kind == kPatternGroup && lone && is_irrefutable(frame) ? Operand::kTargetGroup
                                                                                       : Operand::kGroup;
  return wants(state, Need::kOperator);
}

/// `:`, or `if` with a guard behind it.
bool end_pattern(PythonState& state, Symbol symbol) {
  const Frame frame = state.top();
  const bool lone = !frame.has(flag::kComma);
  if (state.depth != 1 || (lone && frame.has(flag::kStar))) return false;
  if (symbol == Symbol::kColon) {
    if (lone && is_irrefutable(frame)) state.indents[state.blocks - 1].kind = Block::kMatchEnd;
    return begin_suite(state);
  }
  state.used_count = 0;
  return replace_statement(state, kHeaderTest);
}

/// Takes a symbol where a pattern is due.
bool begin_pattern(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool at_start = !frame.has(flag::kStarted | flag::kInValue);
  const bool argument = needs_argument(frame);
  if (argument && symbol != Symbol::kName && symbol != Symbol::kCloseParen) return false;
  switch (symbol) {
    case Symbol::kName:
      if (state.name_hash == kWildcard ? argument : !argument && !behind_bar(state) && !capture(state))
        return false;
      state.must_assign = false;
      frame.operand = Operand::kName;
      break;
    case Symbol::kNumber:
    case Symbol::kConstant:
      frame.operand = Operand::kLiteral;
      break;
    case Symbol::kString:
      frame.operand = Operand::kString;
      break;
    case Symbol::kBytes:
      frame.operand = Operand::kBytes;
      break;
    case Symbol::kMinus:
      frame.set(flag::kStarted);
      return wants(state, Need::kComparison);
    case Symbol::kOpenParen:
      frame.set(flag::kStarted);
      return push(state, kPatternGroup, Need::kTest);
    case Symbol::kOpenBracket:
      frame.set(flag::kStarted);
      return push(state, kPatternList, Need::kTest);
    case Symbol::kStar:
      if (!at_start || behind_bar(state)) return false;
      if (frame.kind == kPatternClass || frame.has(flag::kStarred)) return false;
      frame.set(flag::kStarted | flag::kStar);
      return wants(state, Need::kBoundName);
    case Symbol::kCloseParen:
    case Symbol::kCloseBracket:
      return at_start && close_group(state, symbol);
    case Symbol::kColon:
    case Symbol::kIf:
      return at_start && frame.has(flag::kComma) && end_pattern(state, symbol);
    default:
      return false;
  }
  frame.set(flag::kStarted);
  return wants(state, Need::kOperator);
}

/// Takes a symbol behind a pattern, or behind what is only its beginning.
bool continue_pattern(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool open = state.need == Need::kOperator;  // else behind `as x` or `*x`
  const bool bare = open && frame.operand == Operand::kName;
  const bool wildcard = bare && state.name_hash == kWildcard;
  const bool captured = bare && !wildcard && !needs_argument(frame) && !behind_bar(state);
  if (needs_argument(frame) && symbol != Symbol::kAssign) return false;
  switch (symbol) {  // a name that is read
    case Symbol::kDot:
    case Symbol::kOpenParen:
      if (wildcard || (bare && state.must_assign)) return false;
      if (!bare && !(open && frame.operand == Operand::kAttribute)) return false;
      if (captured) --state.used_count;
      if (symbol == Symbol::kDot) return wants(state, Need::kAttribute);
      return push(state, kPatternClass, Need::kTest);
    case Symbol::kAssign:
      if (!bare || wildcard || frame.kind != kPatternClass || state.no_argument) return false;
      if (frame.has(flag::kInValue | flag::kSlash)) return false;
      if (captured) --state.used_count;
      return use_up_name(state) && begin_part(state, flag::kKeyword | flag::kInValue);
    default:
      break;
  }
  if (bare && !wildcard && !captured) return false;
  switch (symbol) {
    case Symbol::kString:
      return open && frame.operand == Operand::kString;
    case Symbol::kBytes:
      return open && frame.operand == Operand::kBytes;
    case Symbol::kBar:
      if (!open || is_irrefutable(frame) || has_captures(state)) return false;
      frame.set(flag::kSlash);
      frame.operand = Operand::kNone;
      return wants(state, Need::kTest);
    case Symbol::kAs:
      // The alternatives of this frame are over.
      return open &&
             std::none_of(state.frames.begin(), state.frames.begin() + (state.depth - 1),
                          [](const Frame& outer) { return outer.has(flag::kSlash); }) &&
             wants(state, Need::kBoundName);
    case Symbol::kComma:
      if (frame.has(flag::kStar)) frame.set(flag::kStarred);
      frame.clear(flag::kElement | flag::kSlash);
      frame.set(flag::kComma);
      frame.operand = Operand::kNone;
      return wants(state, Need::kTest);
    case Symbol::kCloseParen:
    case Symbol::kCloseBracket:
      return close_group(state, symbol);
    case Symbol::kColon:
    case Symbol::kIf:
      return end_pattern(state, symbol);
    default:
      return false;
  }
}

}  // namespace

bool is_pattern(const Frame& frame) {
  return frame.kind == kPattern || frame.kind == kPatternGroup || frame.kind == kPatternList ||
         frame.kind == kPatternClass;
}

bool behind_bar(const PythonState& state) {
  return std::any_of(state.frames.begin(), state.frames.begin() + state.depth,
                     [](const Frame& frame) { return frame.has(flag::kSlash); });
}

NameRole pattern_name_role(const PythonState& state) {
  if (needs_argument(state.top())) return NameRole::kAttribute;
  return behind_bar(state) ? NameRole::kLoad : NameRole::kStatement;
}

bool take_pattern(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  switch (state.need) {
    case Need::kTest:
      return begin_pattern(state, symbol);
    case Need::kComparison:  // behind a minus
      frame.operand = Operand::kLiteral;
      return symbol == Symbol::kNumber && wants(state, Need::kOperator);
    case Need::kAttribute:
      frame.operand = Operand::kAttribute;
      return symbol == Symbol::kName && wants(state, Need::kOperator);
    case Need::kBoundName:
      if (symbol != Symbol::kName) return false;
      if (state.name_hash == kWildcard ? !frame.has(flag::kStar) : !capture(state)) return false;
      return wants(state, Need::kNameEnd);
    default:
      return continue_pattern(state, symbol);
  }
}

}  // namespace samara::diff::internal
