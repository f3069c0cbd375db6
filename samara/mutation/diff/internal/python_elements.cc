#include "samara/mutation/diff/internal/python_elements.h"

#include "samara/mutation/diff/internal/python_expression.h"

namespace samara::diff::internal {

using enum FrameKind;

bool close_bracket(PythonState& state, Symbol symbol) {
  if (state.top().kind == kWithTarget && state.depth > 2) {  // with (a as b):
    if (!is_target(state.top())) return false;
    pop(state);
  }
  Frame& frame = state.top();
  const Symbol closer = frame.kind == kParen || frame.kind == kCall       ? Symbol::kCloseParen
                        : frame.kind == kList || frame.kind == kSubscript ? Symbol::kCloseBracket
                                                                          : Symbol::kCloseBrace;
  if (symbol != closer) return false;
  const bool complete = state.need == Need::kOperator || state.need == Need::kAfterYield;
  const bool empty = at_element(state);
  bool target = false;
  Operand result = Operand::kGroup;
  switch (frame.kind) {
    case kParen:
    case kList: {
      if ((!complete && !empty) || lone_star(frame)) return false;
      target = !frame.has(flag::kNotTargets | flag::kComprehension) && (!complete || is_target(frame)) &&
               !(complete && frame.has(flag::kStar) && frame.has(flag::kStarred));
      if (frame.has(flag::kStore) && !target) return false;
      if (target) result = Operand::kTargetGroup;
      if (frame.kind == kParen && complete && target && is_single_target(frame)) {
        result = Operand::kSingleTargetGroup;
      }
      break;
    }
    case kCall:
      if (!complete && !empty) return false;
      result = Operand::kCall;
      break;
    case kSubscript: {
      const bool open_slice =
          state.need == Need::kTest && frame.has(flag::kColon) && !frame.has(flag::kStarted);
      if (!complete && !open_slice && !(empty && frame.has(flag::kComma))) return false;
      result = Operand::kSubscript;
      break;
    }
    case kBrace:
      if (!complete && !empty) return false;
      break;
    case kDict:
      if (!(complete && frame.has(flag::kInValue | flag::kStar)) && !empty) return false;
      break;
    case kField:
      return complete;  // the scanner goes back into the string
    default:
      return false;
  }
  const bool items = frame.has(flag::kAllowsAs) && frame.has(flag::kPending);
  pop(state);
  Frame& outer = state.top();
  if (outer.kind == kClass || items) return wants(state, Need::kDefEnd);
  outer.operand = result;
  if (outer.kind == kExpression && result == Operand::kSingleTargetGroup) outer.set(flag::kSlash);
  outer.set(flag::kStarted);
  return wants(state, Need::kOperator);
}

bool take_comma(PythonState& state) {
  Frame& frame = state.top();
  if (frame.has(flag::kPending) && !frame.has(flag::kAllowsAs) && frame.kind != kParameters &&
      frame.kind != kLambda) {
    return false;
  }
  switch (frame.kind) {
    case kForTarget:
    case kComprehensionTarget:
    case kDel:
      if (!is_target(frame)) return false;
      break;
    case kWithTarget:
      if (!is_target(frame)) return false;
      pop(state);
      return take_comma(state);
    case kAssert:
      if (frame.has(flag::kComma)) return false;
      break;
    case kParameters:
    case kLambda:
      return take_parameter(state, Symbol::kComma);
    case kDict:
      if (!frame.has(flag::kInValue | flag::kStar)) return false;
      [[fallthrough]];
    case kParen:
    case kList:
    case kBrace:
    case kCall:
      if (frame.has(flag::kComprehension)) return false;
      break;
    case kExpression:
    case kValue:
    case kAugmented:
    case kReturn:
    case kForIterable:
    case kWith:
    case kSubscript:
    case kField:
      break;
    default:
      return false;
  }
  end_element(frame);
  frame.set(flag::kComma);
  return wants(state, Need::kTest);
}

bool take_assign(PythonState& state) {
  Frame& frame = state.top();
  switch (frame.kind) {
    case kExpression:
    case kValue: {
      const bool last = is_target(frame) && !(frame.has(flag::kStar) && frame.has(flag::kStarred));
      const bool trailing_comma = at_element(state) && frame.has(flag::kComma);
      if (frame.has(flag::kNotTargets) || lone_star(frame) || !(last || trailing_comma)) return false;
      return replace_statement(state, kValue);
    }
    case kAnnotation:
      return replace_statement(state, kAugmented);
    case kCall:
      if (!is_bare_name(frame) || frame.has(flag::kInValue | flag::kComprehension) || state.no_argument)
        return false;
      state.argument_only = false;
      return use_up_name(state) && begin_part(state, flag::kKeyword | flag::kInValue);
    case kParameters:
    case kLambda:
      return take_parameter(state, Symbol::kAssign);
    case kField:
      return wants(state, Need::kFieldEnd);
    default:
      return false;
  }
}

bool take_colon(PythonState& state) {
  Frame& frame = state.top();
  switch (frame.kind) {
    case kForIterable:
      if (lone_star(frame)) return false;
      [[fallthrough]];
    case kHeaderTest:
    case kWith:
    case kExcept:
    case kReturns:
      return begin_suite(state);
    case kWithTarget:
      return state.depth == 2 && is_target(frame) && begin_suite(state);
    case kExpression:
      // CPython's grammar knows `(x): int`, but not `(x).y: int`.
      if (frame.has(flag::kSlash) && frame.operand != Operand::kSingleTargetGroup) return false;
      return is_single_target(frame) && replace_statement(state, kAnnotation);
    case kSubscript:
      if (frame.has(flag::kSlash | flag::kStar)) return false;
      return begin_part(state, frame.has(flag::kColon) ? flag::kSlash : flag::kColon);
    case kBrace:
      if (frame.has(flag::kComma | flag::kComprehension)) return false;
      frame.kind = kDict;
      [[fallthrough]];
    case kDict:
      return !frame.has(flag::kInValue | flag::kStar) && begin_part(state, flag::kInValue);
    case kLambda:
      return take_parameter(state, Symbol::kColon);
    default:
      return false;
  }
}

bool begin_comprehension(PythonState& state) {
  const Frame& frame = state.top();
  if (!frame.has(flag::kComprehension)) {
    if (frame.has(flag::kComma | flag::kStarred | flag::kStar | flag::kStore)) return false;
    switch (frame.kind) {
      case kParen:
      case kList:
      case kBrace:
        break;
      case kCall:
        if (frame.has(flag::kInValue)) return false;
        break;
      case kDict:
        if (!frame.has(flag::kInValue)) return false;
        break;
      default:
        return false;
    }
  }
  return push(state, kComprehensionTarget, Need::kTest);
}

bool end_target(PythonState& state) {
  const Frame& frame = state.top();
  const bool trailing_comma = at_element(state) && frame.has(flag::kComma);
  if (lone_star(frame) || !(trailing_comma || (state.need == Need::kOperator && is_target(frame))))
    return false;
  if (frame.kind == kForTarget) return replace_statement(state, kForIterable);
  pop(state);
  state.top().set(flag::kComprehension);
  return make_compound(state, Need::kDisjunction);
}

bool begin_ternary(PythonState& state) {
  const Frame& frame = state.top();
  if (frame.has(flag::kComprehension)) return wants(state, Need::kDisjunction);  // a condition
  const bool starred = frame.has(flag::kStar) && frame.kind != kCall;
  if (frame.kind == kTernary || frame.kind == kDel || starred) return false;
  return push(state, kTernary, Need::kDisjunction);
}

bool take_walrus(PythonState& state) {
  const Frame& frame = state.top();
  if (!is_bare_name(frame) || frame.has(flag::kComprehension | flag::kInValue | flag::kColon)) return false;
  if (frame.kind != kParen && frame.kind != kCall && frame.kind != kList && frame.kind != kSubscript &&
      frame.kind != kBrace && frame.kind != kHeaderTest) {
    return false;
  }
  return make_compound(state, Need::kTest);
}

bool take_as(PythonState& state) {
  Frame& frame = state.top();
  if (frame.kind == kExcept && !frame.has(flag::kComma)) {
    frame = Frame{kBoundName, Operand::kNone, 0};
    return wants(state, Need::kBoundName);
  }
  if (frame.kind == kParen && frame.has(flag::kAllowsAs) && !frame.has(flag::kComprehension)) {
    frame.set(flag::kPending);
  } else if (frame.kind != kWith) {
    return false;
  }
  return push(state, kWithTarget, Need::kTest);
}

}  // namespace samara::diff::internal
