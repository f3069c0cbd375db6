// The parameters of def and lambda: python_elements.h.
#include "samara/mutation/diff/internal/python_elements.h"

namespace samara::diff::internal {
namespace {

using enum FrameKind;

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
  if (kind == kLambda) return make_compound(state, Need::kTest);
  return wants(state, Need::kDefEnd);
}

}  // namespace

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
      if (symbol != Symbol::kName || !use_up_name(state)) return false;
      frame.clear(flag::kPending);
      frame.set(flag::kStarted);
      return wants(state, Need::kParameterEnd);
    case Need::kStarParameter:
      if (symbol == Symbol::kComma && !frame.has(flag::kDoubleStar)) {
        frame.set(flag::kComma);
        return wants(state, Need::kParameter);
      }
      if (symbol != Symbol::kName || !use_up_name(state)) return false;
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

}  // namespace samara::diff::internal
