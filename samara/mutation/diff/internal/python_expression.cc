#include "samara/mutation/diff/internal/python_expression.h"

#include <algorithm>

namespace samara::diff::internal {
namespace {

using enum FrameKind;

bool stores(const Frame& frame) {
  return frame.kind == kForTarget || frame.kind == kWithTarget || frame.kind == kComprehensionTarget ||
         frame.has(flag::kStore);
}

bool is_bare_name(const Frame& frame) {
  return frame.operand == Operand::kName && !frame.has(flag::kCompound | flag::kStar);
}

bool is_single_target(const Frame& frame) {
  return !frame.has(flag::kCompound | flag::kComma | flag::kStar) &&
         (frame.operand == Operand::kName || frame.operand == Operand::kAttribute ||
          frame.operand == Operand::kSubscript);
}

/// Behind an opening bracket or a comma.
bool at_element(const PythonState& state) {
  return state.need == Need::kTest && !state.top().has(flag::kStarted | flag::kInValue);
}

/// `*x` alone is no expression; a comma makes it one.
bool lone_star(const Frame& frame) {
  return frame.has(flag::kStar) && !frame.has(flag::kComma) && frame.kind != kCall && frame.kind != kList &&
         frame.kind != kBrace && frame.kind != kDict && frame.kind != kSubscript;
}

void end_element(Frame& frame) {
  if (!is_target(frame) || (frame.has(flag::kStar) && frame.has(flag::kStarred)))
    frame.set(flag::kNotTargets);
  if (frame.has(flag::kStar)) frame.set(flag::kStarred);
  frame.clear(flag::kElement);
  if (frame.kind == kSubscript) frame.clear(flag::kSlash);
  frame.operand = Operand::kNone;
}

bool wants(PythonState& state, Need need) {
  state.need = need;
  return true;
}

/// The element goes on with more than a primary.
bool compound(PythonState& state, Need need) {
  state.top().set(flag::kCompound | flag::kStarted);
  return wants(state, need);
}

/// What follows is a new part of the element: a value behind a key, a default, a bound of a slice.
bool part(PythonState& state, std::uint16_t add) {
  Frame& frame = state.top();
  frame.clear(flag::kStarted | flag::kCompound);
  frame.set(add);
  frame.operand = Operand::kNone;
  return wants(state, Need::kTest);
}

void pop(PythonState& state) {
  while (state.used_count > 0 && state.used[state.used_count - 1U].depth >= state.depth) --state.used_count;
  --state.depth;
}

/// The name just read is used up for the brackets at hand. False: it was before.
bool use_name(PythonState& state) {
  for (unsigned i = 0; i < state.used_count; ++i) {
    if (state.used[i].depth == state.depth && state.used[i].hash == state.name_hash) return false;
  }
  if (state.used_count < PythonState::kMaxUsed)
    state.used[state.used_count++] = {state.name_hash, state.depth};
  return true;
}

bool replace_statement(PythonState& state, FrameKind kind) {
  state.frames[0] = Frame{kind, Operand::kNone, 0};
  state.must_assign = false;
  return wants(state, Need::kTest);
}

// Parameters of def and lambda.

bool end_parameter(Frame& frame) {
  const bool no_default = !frame.has(flag::kInValue | flag::kStar);
  if (no_default && frame.has(flag::kStarted) && frame.has(flag::kKeyword) && !frame.has(flag::kStarred))
    return false;
  frame.clear(flag::kElement);
  return true;
}

/// The last parameter, if any, has ended.
bool end_parameters(PythonState& state) {
  const FrameKind kind = state.top().kind;
  if (state.top().has(flag::kPending)) return false;
  pop(state);
  if (kind == kLambda) return compound(state, Need::kTest);
  return wants(state, Need::kDefEnd);
}

bool take_parameter(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool lambda = frame.kind == kLambda;
  const bool closes = symbol == (lambda ? Symbol::kColon : Symbol::kCloseParen);
  switch (state.need) {
    case Need::kParameter:
      if (closes) return end_parameters(state);
      if (frame.has(flag::kDoubleStar)) return false;
      if (symbol == Symbol::kStar && !frame.has(flag::kStarred)) {
        frame.set(flag::kStarred | flag::kPending);
        return wants(state, Need::kStarParameter);
      }
      if (symbol == Symbol::kDoubleStar && !frame.has(flag::kPending)) {
        frame.set(flag::kDoubleStar);
        return wants(state, Need::kStarParameter);
      }
      if (symbol == Symbol::kSlash && frame.has(flag::kComma) && !frame.has(flag::kSlash | flag::kStarred)) {
        frame.set(flag::kSlash);
        return wants(state, Need::kParameterGap);
      }
      if (symbol != Symbol::kName || !use_name(state)) return false;
      frame.clear(flag::kPending);
      frame.set(flag::kStarted);
      return wants(state, Need::kParameterEnd);
    case Need::kStarParameter:
      if (symbol == Symbol::kComma && !frame.has(flag::kDoubleStar)) {
        frame.set(flag::kComma);
        return wants(state, Need::kParameter);
      }
      if (symbol != Symbol::kName || !use_name(state)) return false;
      frame.clear(flag::kPending);
      frame.set(flag::kStarted | flag::kStar);
      return wants(state, Need::kParameterEnd);
    case Need::kParameterGap:
      if (symbol == Symbol::kComma) return wants(state, Need::kParameter);
      return closes && end_parameters(state);
    default:
      break;
  }
  // Behind a parameter's name, annotation or default.
  if (symbol == Symbol::kAssign && !frame.has(flag::kStar | flag::kInValue)) {
    frame.clear(flag::kInAnnotation);
    frame.set(flag::kKeyword | flag::kInValue);
    frame.clear(flag::kStarted | flag::kCompound);
    return wants(state, Need::kTest);
  }
  if (symbol == Symbol::kColon && !lambda && !frame.has(flag::kInAnnotation | flag::kInValue)) {
    frame.set(flag::kInAnnotation);
    return wants(state, Need::kTest);
  }
  if (symbol == Symbol::kComma) {
    frame.set(flag::kComma);
    return end_parameter(frame) && wants(state, Need::kParameter);
  }
  return closes && end_parameter(frame) && end_parameters(state);
}

// Closing brackets.

bool close(PythonState& state, Symbol symbol) {
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
  outer.set(flag::kStarted);
  return wants(state, Need::kOperator);
}

// Between elements.

bool comma(PythonState& state) {
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
      return comma(state);
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

bool assign(PythonState& state) {
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
      return use_name(state) && part(state, flag::kKeyword | flag::kInValue);
    case kParameters:
    case kLambda:
      return take_parameter(state, Symbol::kAssign);
    case kField:
      return wants(state, Need::kFieldEnd);
    default:
      return false;
  }
}

bool colon(PythonState& state) {
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
      return is_single_target(frame) && replace_statement(state, kAnnotation);
    case kSubscript:
      if (frame.has(flag::kSlash | flag::kStar)) return false;
      return part(state, frame.has(flag::kColon) ? flag::kSlash : flag::kColon);
    case kBrace:
      if (frame.has(flag::kComma | flag::kComprehension)) return false;
      frame.kind = kDict;
      [[fallthrough]];
    case kDict:
      return !frame.has(flag::kInValue | flag::kStar) && part(state, flag::kInValue);
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
  return compound(state, Need::kDisjunction);
}

bool begin_ternary(PythonState& state) {
  const Frame& frame = state.top();
  if (frame.has(flag::kComprehension)) return wants(state, Need::kDisjunction);  // a condition
  const bool starred = frame.has(flag::kStar) && frame.kind != kCall;
  if (frame.kind == kTernary || frame.kind == kDel || starred) return false;
  return push(state, kTernary, Need::kDisjunction);
}

bool walrus(PythonState& state) {
  const Frame& frame = state.top();
  if (!is_bare_name(frame) || frame.has(flag::kComprehension | flag::kInValue | flag::kColon)) return false;
  if (frame.kind != kParen && frame.kind != kCall && frame.kind != kList && frame.kind != kSubscript &&
      frame.kind != kBrace && frame.kind != kHeaderTest) {
    return false;
  }
  return compound(state, Need::kTest);
}

bool as_name(PythonState& state) {
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

/// What may follow a target in the place of a target: more of it, a comma, its end.
bool continues_target(Symbol symbol) {
  switch (symbol) {
    case Symbol::kDot:
    case Symbol::kOpenParen:
    case Symbol::kOpenBracket:
    case Symbol::kComma:
    case Symbol::kIn:
    case Symbol::kColon:
    case Symbol::kCloseParen:
    case Symbol::kCloseBracket:
      return true;
    default:
      return false;
  }
}

bool take_operator(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  if (stores(frame) && !continues_target(symbol)) return false;
  if (state.must_assign && frame.kind == kExpression && symbol != Symbol::kComma &&
      symbol != Symbol::kAssign && symbol != Symbol::kColon) {
    return false;
  }
  const bool keyword_due = frame.kind == kCall && is_bare_name(frame) && !frame.has(flag::kInValue) &&
                           (frame.has(flag::kKeyword) || state.argument_only);
  if (keyword_due && symbol != Symbol::kAssign) return false;
  const bool starred = frame.has(flag::kStar) && frame.kind != kCall;
  switch (symbol) {
    case Symbol::kDot:
      return wants(state, Need::kAttribute);
    case Symbol::kOpenParen:
      return push(state, kCall, Need::kTest);
    case Symbol::kOpenBracket:
      return push(state, kSubscript, Need::kTest);
    case Symbol::kString:
      return frame.operand == Operand::kString;
    case Symbol::kBytes:
      return frame.operand == Operand::kBytes;
    case Symbol::kStar:
    case Symbol::kDoubleStar:
    case Symbol::kSlash:
    case Symbol::kSign:
    case Symbol::kAt:
    case Symbol::kBinary:
      return compound(state, Need::kComparison);
    case Symbol::kCompare:
      return !starred && compound(state, Need::kComparison);
    case Symbol::kLogical:
      return !starred && compound(state, Need::kDisjunction);
    case Symbol::kIs:
      return !starred && compound(state, Need::kAfterIs);
    case Symbol::kNot:
      return !starred && compound(state, Need::kIn);
    case Symbol::kIn:
      if (frame.kind == kForTarget || frame.kind == kComprehensionTarget) return end_target(state);
      return !starred && !stores(frame) && compound(state, Need::kComparison);
    case Symbol::kIf:
      return begin_ternary(state);
    case Symbol::kElse:
      if (frame.kind != kTernary) return false;
      pop(state);
      return compound(state, Need::kTest);
    case Symbol::kFor:
      return begin_comprehension(state);
    case Symbol::kAsync:
      return in_async_function(state) && wants(state, Need::kAsyncFor);
    case Symbol::kAs:
      return as_name(state);
    case Symbol::kFrom:
      if (frame.kind != kRaise || frame.has(flag::kComma)) return false;
      return part(state, flag::kComma);
    case Symbol::kComma:
      return comma(state);
    case Symbol::kAssign:
      return assign(state);
    case Symbol::kAugmented:
      return frame.kind == kExpression && is_single_target(frame) && replace_statement(state, kAugmented);
    case Symbol::kWalrus:
      return walrus(state);
    case Symbol::kColon:
      return colon(state);
    case Symbol::kCloseParen:
      if (frame.kind == kParameters) return take_parameter(state, symbol);
      return close(state, symbol);
    case Symbol::kCloseBracket:
    case Symbol::kCloseBrace:
      return close(state, symbol);
    default:
      return false;
  }
}

bool may_yield(const PythonState& state) {
  const Frame& frame = state.top();
  if (frame.has(flag::kStarted | flag::kComma | flag::kStore) || !in_function(state)) return false;
  return frame.kind == kParen || (state.depth == 1 && (frame.kind == kExpression || frame.kind == kValue ||
                                                       frame.kind == kAugmented));
}

bool begin_starred(PythonState& state) {
  Frame& frame = state.top();
  if (state.need != Need::kTest || frame.has(flag::kStarted | flag::kInValue | flag::kColon)) return false;
  switch (frame.kind) {
    case kCall:
      if (frame.has(flag::kDoubleStar)) return false;
      break;
    case kExpression:
    case kValue:
    case kReturn:
    case kForTarget:
    case kForIterable:
    case kComprehensionTarget:
    case kParen:
    case kList:
    case kSubscript:
    case kBrace:
      break;
    default:
      return false;
  }
  frame.set(flag::kStarted | flag::kStar);
  return wants(state, frame.kind == kCall ? Need::kTest : Need::kComparison);
}

bool begin_double_starred(PythonState& state) {
  Frame& frame = state.top();
  if (state.need != Need::kTest || frame.has(flag::kStarted | flag::kInValue)) return false;
  if (frame.kind == kCall) {
    frame.set(flag::kStarted | flag::kStar | flag::kDoubleStar | flag::kKeyword);
    return true;
  }
  if (frame.kind == kBrace && !frame.has(flag::kComma)) frame.kind = kDict;
  if (frame.kind != kDict) return false;
  frame.set(flag::kStarted | flag::kStar);
  return wants(state, Need::kComparison);
}

/// A symbol that ends what has only just begun: `()`, `a, = b`, `x[1:]`, `except:`.
bool take_end_of_nothing(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool open_slice = frame.kind == kSubscript && frame.has(flag::kColon) && !frame.has(flag::kStarted);
  switch (symbol) {
    case Symbol::kCloseParen:
    case Symbol::kCloseBracket:
    case Symbol::kCloseBrace:
      return frame.kind != kField && close(state, symbol);
    case Symbol::kComma:
      return state.need == Need::kTest && open_slice && comma(state);
    case Symbol::kColon:
      if (!at_element(state)) return false;
      if (frame.kind == kSubscript) return colon(state);
      if (frame.kind == kForIterable && frame.has(flag::kComma)) return colon(state);
      if (frame.kind != kExcept) return false;
      state.header = Block::kBareExcept;
      return begin_suite(state);
    case Symbol::kAssign:
      return (frame.kind == kExpression || frame.kind == kValue) && at_element(state) && assign(state);
    case Symbol::kIn:
      return (frame.kind == kForTarget || frame.kind == kComprehensionTarget) && end_target(state);
    case Symbol::kFrom:
      if (state.need != Need::kAfterYield) return false;
      frame.set(flag::kPending);  // `yield from` takes one expression
      return wants(state, Need::kTest);
    default:
      return false;
  }
}

}  // namespace

bool is_target(const Frame& frame) {
  return !frame.has(flag::kCompound) &&
         (frame.operand == Operand::kName || frame.operand == Operand::kAttribute ||
          frame.operand == Operand::kSubscript || frame.operand == Operand::kTargetGroup);
}

bool push(PythonState& state, FrameKind kind, Need need, std::uint16_t flags) {
  if (state.depth == PythonState::kMaxFrames) return false;
  state.frames[state.depth++] = Frame{kind, Operand::kNone, flags};
  return wants(state, need);
}

bool take_operand(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool store = stores(frame);
  const bool keyword_due = frame.kind == kCall && frame.has(flag::kKeyword) && at_element(state);
  const bool only_name = keyword_due || (state.must_assign && frame.kind == kExpression);
  switch (symbol) {
    case Symbol::kName:
    case Symbol::kMatch:
    case Symbol::kCase:
      frame.operand = Operand::kName;
      frame.set(flag::kStarted);
      return wants(state, Need::kOperator);
    case Symbol::kStar:
      return !(only_name && !keyword_due) && begin_starred(state);
    case Symbol::kDoubleStar:
      return begin_double_starred(state);
    default:
      break;
  }
  if (take_end_of_nothing(state, symbol)) return true;
  if (only_name) return false;
  switch (symbol) {
    case Symbol::kOpenParen:
    case Symbol::kOpenBracket: {
      const bool items = frame.kind == kWith && at_element(state) && !frame.has(flag::kComma);
      frame.set(flag::kStarted);
      frame.operand = Operand::kNone;
      auto flags = store ? flag::kStore : std::uint16_t{0};
      if (symbol == Symbol::kOpenBracket) return push(state, kList, Need::kTest, flags);
      if (items) flags = flag::kAllowsAs;
      return push(state, kParen, Need::kTest, flags);
    }
    default:
      break;
  }
  if (store) return false;
  switch (symbol) {
    case Symbol::kNumber:
    case Symbol::kConstant:
    case Symbol::kEllipsis:
      frame.operand = Operand::kLiteral;
      break;
    case Symbol::kString:
      frame.operand = Operand::kString;
      break;
    case Symbol::kBytes:
      frame.operand = Operand::kBytes;
      break;
    case Symbol::kOpenBrace:
      frame.set(flag::kStarted);
      return push(state, kBrace, Need::kTest);
    case Symbol::kSign:
    case Symbol::kTilde:
      return state.need != Need::kPrimary && compound(state, Need::kComparison);
    case Symbol::kNot:
      if (state.need == Need::kAfterIs) return compound(state, Need::kComparison);
      return state.need <= Need::kDisjunction && compound(state, Need::kDisjunction);
    case Symbol::kLambda:
      return state.need == Need::kTest && compound(state, Need::kTest) &&
             push(state, kLambda, Need::kParameter);
    case Symbol::kAwait:
      return state.need != Need::kPrimary && in_async_function(state) && compound(state, Need::kPrimary);
    case Symbol::kYield:
      return may_yield(state) && compound(state, Need::kAfterYield);
    default:
      return false;
  }
  frame.set(flag::kStarted);
  return wants(state, Need::kOperator);
}

bool take_expression(PythonState& state, Symbol symbol) {
  switch (state.need) {
    case Need::kTest:
    case Need::kDisjunction:
    case Need::kComparison:
    case Need::kAfterIs:
    case Need::kPrimary:
      return take_operand(state, symbol);
    case Need::kAfterYield:
      if (symbol == Symbol::kFrom || symbol == Symbol::kCloseParen) return take_end_of_nothing(state, symbol);
      state.need = Need::kTest;
      return take_operand(state, symbol);
    case Need::kOperator:
      return take_operator(state, symbol);
    case Need::kIn:
      return symbol == Symbol::kIn && wants(state, Need::kComparison);
    case Need::kAttribute:
      if (symbol != Symbol::kName) return false;
      state.top().operand = Operand::kAttribute;
      return wants(state, Need::kOperator);
    case Need::kParameter:
    case Need::kStarParameter:
    case Need::kParameterEnd:
    case Need::kParameterGap:
      return take_parameter(state, symbol);
    case Need::kAsyncFor:
      return symbol == Symbol::kFor && begin_comprehension(state);
    default:
      return false;
  }
}

}  // namespace samara::diff::internal
