#include "samara/mutation/diff/internal/python_frames.h"

#include <algorithm>

namespace samara::diff::internal {

using enum FrameKind;

bool is_target(const Frame& frame) {
  return !frame.has(flag::kCompound) &&
         (frame.operand == Operand::kName || frame.operand == Operand::kAttribute ||
          frame.operand == Operand::kSubscript || frame.operand == Operand::kTargetGroup ||
          frame.operand == Operand::kSingleTargetGroup);
}

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
          frame.operand == Operand::kSubscript || frame.operand == Operand::kSingleTargetGroup);
}

bool at_element(const PythonState& state) {
  return state.need == Need::kTest && !state.top().has(flag::kStarted | flag::kInValue);
}

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

bool make_compound(PythonState& state, Need need) {
  state.top().set(flag::kCompound | flag::kStarted);
  return wants(state, need);
}

bool begin_part(PythonState& state, std::uint16_t add) {
  Frame& frame = state.top();
  frame.clear(flag::kStarted | flag::kCompound);
  frame.set(add);
  frame.operand = Operand::kNone;
  return wants(state, Need::kTest);
}

void pop(PythonState& state) {
  auto* const first = state.used.data();
  auto* const last = std::remove_if(first, first + state.used_count,
                                    [&](const PythonState::Used& used) { return used.depth >= state.depth; });
  state.used_count = static_cast<std::uint8_t>(last - first);
  --state.depth;
}

bool use_up_name(PythonState& state) {
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

bool push(PythonState& state, FrameKind kind, Need need, std::uint16_t flags) {
  if (state.depth == PythonState::kMaxFrames) return false;
  state.frames[state.depth++] = Frame{kind, Operand::kNone, flags};
  return wants(state, need);
}

}  // namespace samara::diff::internal
