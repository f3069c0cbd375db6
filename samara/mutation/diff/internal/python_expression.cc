#include "samara/mutation/diff/internal/python_expression.h"

#include "samara/mutation/diff/internal/python_elements.h"

namespace samara::diff::internal {
namespace {

using enum FrameKind;

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
    case Symbol::kPlus:
    case Symbol::kMinus:
    case Symbol::kAt:
    case Symbol::kBar:
    case Symbol::kBinary:
      return make_compound(state, Need::kComparison);
    case Symbol::kCompare:
      return !starred && make_compound(state, Need::kComparison);
    case Symbol::kLogical:
      return !starred && make_compound(state, Need::kDisjunction);
    case Symbol::kIs:
      return !starred && make_compound(state, Need::kAfterIs);
    case Symbol::kNot:
      return !starred && make_compound(state, Need::kIn);
    case Symbol::kIn:
      if (frame.kind == kForTarget || frame.kind == kComprehensionTarget) return end_target(state);
      return !starred && !stores(frame) && make_compound(state, Need::kComparison);
    case Symbol::kIf:
      return begin_ternary(state);
    case Symbol::kElse:
      if (frame.kind != kTernary) return false;
      pop(state);
      return make_compound(state, Need::kTest);
    case Symbol::kFor:
      return begin_comprehension(state);
    case Symbol::kAsync:
      return in_async_function(state) && wants(state, Need::kAsyncFor);
    case Symbol::kAs:
      return take_as(state);
    case Symbol::kFrom:
      if (frame.kind != kRaise || frame.has(flag::kComma)) return false;
      return begin_part(state, flag::kComma);
    case Symbol::kComma:
      return take_comma(state);
    case Symbol::kAssign:
      return take_assign(state);
    case Symbol::kAugmented:
      return frame.kind == kExpression && is_single_target(frame) && replace_statement(state, kAugmented);
    case Symbol::kWalrus:
      return take_walrus(state);
    case Symbol::kColon:
      return take_colon(state);
    case Symbol::kCloseParen:
      if (frame.kind == kParameters) return take_parameter(state, symbol);
      return close_bracket(state, symbol);
    case Symbol::kCloseBracket:
    case Symbol::kCloseBrace:
      return close_bracket(state, symbol);
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
    case kAugmented:
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
      return frame.kind != kField && close_bracket(state, symbol);
    case Symbol::kComma:
      return state.need == Need::kTest && open_slice && take_comma(state);
    case Symbol::kColon:
      if (!at_element(state)) return false;
      if (frame.kind == kSubscript) return take_colon(state);
      if (frame.kind == kForIterable && frame.has(flag::kComma)) return take_colon(state);
      if (frame.kind != kExcept) return false;
      state.header = Block::kBareExcept;
      return begin_suite(state);
    case Symbol::kAssign:
      return (frame.kind == kExpression || frame.kind == kValue) && at_element(state) && take_assign(state);
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

bool take_operand(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const bool store = stores(frame);
  const bool keyword_due = frame.kind == kCall && frame.has(flag::kKeyword) && at_element(state);
  const bool only_name = keyword_due || (state.must_assign && frame.kind == kExpression);
  switch (symbol) {
    case Symbol::kName:
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
    case Symbol::kPlus:
    case Symbol::kMinus:
    case Symbol::kTilde:
      return state.need != Need::kPrimary && make_compound(state, Need::kComparison);
    case Symbol::kNot:
      if (state.need == Need::kAfterIs) return make_compound(state, Need::kComparison);
      return state.need <= Need::kDisjunction && make_compound(state, Need::kDisjunction);
    case Symbol::kLambda:
      return state.need == Need::kTest && make_compound(state, Need::kTest) &&
             push(state, kLambda, Need::kParameter);
    case Symbol::kAwait:
      return state.need != Need::kPrimary && in_async_function(state) && make_compound(state, Need::kPrimary);
    case Symbol::kYield:
      return may_yield(state) && make_compound(state, Need::kAfterYield);
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
