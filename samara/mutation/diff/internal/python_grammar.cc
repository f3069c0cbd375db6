#include "samara/mutation/diff/internal/python_grammar.h"

#include <algorithm>

#include "samara/mutation/diff/internal/python_expression.h"
#include "samara/mutation/diff/internal/python_frames.h"
#include "samara/mutation/diff/internal/python_patterns.h"

namespace samara::diff::internal {
namespace {

using enum FrameKind;

/// The innermost block, or inline header, that decides what `return` and `break` may do.
template <typename Visit>
bool any_context(const PythonState& state, Visit visit) {
  // visit gives 1: yes, 0: no, -1: ask the next block outwards.
  if (state.simple_only && state.header != Block::kNone) {
    if (const int answer = visit(state.header); answer >= 0) return answer == 1;
  }
  for (unsigned i = state.blocks; i-- > 0;) {
    if (const int answer = visit(state.indents[i].kind); answer >= 0) return answer == 1;
  }
  return false;
}

bool in_loop(const PythonState& state) {
  return any_context(state, [](Block block) {
    if (block == Block::kLoop) return 1;
    return block == Block::kDef || block == Block::kAsyncDef || block == Block::kClass ? 0 : -1;
  });
}

bool begin(PythonState& state, FrameKind kind, Need need) {
  state.frames[0] = Frame{kind, Operand::kNone, 0};
  state.depth = 1;
  state.need = need;
  return true;
}

bool header(PythonState& state, Block block, FrameKind kind, Need need) {
  if (state.simple_only) return false;
  state.header = block;
  return begin(state, kind, need);
}

/// Behind the last word of a header: only its colon may come.
bool bare_header(PythonState& state, Block block) {
  return header(state, block, kBare, Need::kEnd);
}

bool clause(PythonState& state, Symbol symbol) {
  const Block before = state.predecessor;
  switch (symbol) {
    case Symbol::kElif:
      return before == Block::kIf && header(state, Block::kIf, kHeaderTest, Need::kTest);
    case Symbol::kElse:
      if (before == Block::kIf || before == Block::kLoop) return bare_header(state, Block::kElse);
      return (before == Block::kExcept || before == Block::kBareExcept) &&
             bare_header(state, Block::kTryElse);
    case Symbol::kExcept:
      return (before == Block::kTry || before == Block::kExcept) &&
             header(state, Block::kExcept, kExcept, Need::kTest);
    default:
      return (before == Block::kTry || before == Block::kExcept || before == Block::kBareExcept ||
              before == Block::kTryElse) &&
             bare_header(state, Block::kFinally);
  }
}

bool begin_case(PythonState& state, Symbol symbol) {
  const Block match = state.indents[state.blocks - 1].kind;
  if (symbol != Symbol::kCase && symbol != Symbol::kNewCase) return false;
  if (match == Block::kMatchEnd || (match == Block::kMatchRead && symbol == Symbol::kNewCase)) return false;
  state.soft = symbol == Symbol::kCase;
  return header(state, Block::kCase, kPattern, Need::kTest);
}

bool statement(PythonState& state, Symbol symbol) {
  state.header = state.simple_only ? state.header : Block::kNone;
  state.must_assign = state.soft = state.last_colon = false;
  if (symbol == Symbol::kElif || symbol == Symbol::kElse || symbol == Symbol::kExcept ||
      symbol == Symbol::kFinally) {
    return !state.decorated && !state.simple_only && !state.is_async && clause(state, symbol);
  }
  if (state.predecessor == Block::kTry && !state.simple_only) return false;
  const bool definition =
      symbol == Symbol::kDef || symbol == Symbol::kClass || symbol == Symbol::kAt || symbol == Symbol::kAsync;
  if (state.decorated && !definition) return false;
  if (state.is_async && symbol != Symbol::kDef &&
      !(in_async_function(state) && (symbol == Symbol::kFor || symbol == Symbol::kWith))) {
    return false;
  }
  if (awaits_case(state)) return begin_case(state, symbol);
  const bool is_async = state.is_async;
  state.is_async = symbol == Symbol::kAsync;
  state.decorated = state.decorated && state.is_async;
  switch (symbol) {
    case Symbol::kIf:
      return header(state, Block::kIf, kHeaderTest, Need::kTest);
    case Symbol::kWhile:
      return header(state, Block::kLoop, kHeaderTest, Need::kTest);
    case Symbol::kFor:
      return header(state, Block::kLoop, kForTarget, Need::kTest);
    case Symbol::kWith:
      return header(state, Block::kWith, kWith, Need::kTest);
    case Symbol::kTry:
      return bare_header(state, Block::kTry);
    case Symbol::kDef:
      return header(state, is_async ? Block::kAsyncDef : Block::kDef, kDef, Need::kBoundName);
    case Symbol::kClass:
      return header(state, Block::kClass, kClass, Need::kBoundName);
    case Symbol::kAt:
      return !state.simple_only && begin(state, kDecorator, Need::kTest);
    case Symbol::kAsync:
      return !state.simple_only && !is_async;
    case Symbol::kReturn:
      return in_function(state) && begin(state, kReturn, Need::kTest);
    case Symbol::kRaise:
      return begin(state, kRaise, Need::kTest);
    case Symbol::kAssert:
      return begin(state, kAssert, Need::kTest);
    case Symbol::kDel:
      return begin(state, kDel, Need::kTest);
    case Symbol::kImport:
      return begin(state, kImport, Need::kModule);
    case Symbol::kFrom:
      return begin(state, kFrom, Need::kModule);
    case Symbol::kGlobal:
      return begin(state, kGlobal, Need::kBoundName);
    case Symbol::kNonlocal:
      return in_function(state) && begin(state, kGlobal, Need::kBoundName);
    case Symbol::kBreak:
    case Symbol::kContinue:
      return in_loop(state) && begin(state, kBare, Need::kEnd);
    case Symbol::kPass:
      return begin(state, kBare, Need::kEnd);
    case Symbol::kMatch:
    case Symbol::kNewMatch:
      if (!state.simple_only) state.header = Block::kMatch;
      state.soft = symbol == Symbol::kMatch && !state.simple_only;
      [[fallthrough]];
    case Symbol::kCase:
    case Symbol::kNewCase:
      begin(state, kExpression, Need::kTest);
      return take_operand(state, Symbol::kName);
    default:
      begin(state, kExpression, Need::kTest);
      return take_operand(state, symbol);
  }
}

/// Whether the statement at the bottom may end where its expression is.
bool statement_may_end(const PythonState& state) {
  const Frame& frame = state.frames[0];
  if (state.depth != 1) return false;
  if (state.need == Need::kEnd)
    return frame.kind != kBare || state.header == Block::kNone || state.simple_only;
  if (state.must_assign && frame.kind == kExpression) return false;
  const bool operand = state.need == Need::kOperator || state.need == Need::kAfterYield;
  const bool lone_star = (frame.has(flag::kStar) || frame.has(flag::kStarred)) && !frame.has(flag::kComma);
  const bool empty = state.need == Need::kTest && !frame.has(flag::kStarted);
  switch (frame.kind) {
    case kExpression:
    case kValue:
    case kAugmented:
    case kReturn:
      if (lone_star) return false;
      return operand || (empty && (frame.has(flag::kComma) || frame.kind == kReturn));
    case kAnnotation:
    case kDecorator:
      return operand;
    case kAssert:
      return operand;
    case kRaise:
      return operand || (empty && !frame.has(flag::kComma));
    case kDel:
      return (operand && is_target(frame)) || (empty && frame.has(flag::kComma));
    case kImport:
      return state.need == Need::kModuleEnd || state.need == Need::kNameEnd;
    case kFromNames:
    case kGlobal:
      return state.need == Need::kNameEnd;
    default:
      return false;
  }
}

void leave_statement(PythonState& state) {
  state.depth = state.used_count = 0;
  state.must_assign = state.soft = state.last_colon = false;
}

bool end_statement(PythonState& state, Symbol symbol) {
  const bool was_decorator = state.frames[0].kind == kDecorator;
  if (!statement_may_end(state)) return false;
  if (was_decorator && symbol == Symbol::kSemicolon) return false;
  leave_statement(state);
  state.need = Need::kStatement;
  if (symbol == Symbol::kSemicolon) {
    state.simple_only = true;
    return true;
  }
  state.decorated = was_decorator;
  state.predecessor = state.simple_only ? state.header : Block::kNone;
  state.header = Block::kNone;
  state.simple_only = state.is_async = state.line_begun = false;
  return true;
}

bool new_line(PythonState& state) {
  if (state.depth > 0 && (state.frames[0].kind == kFree || state.last_colon)) {
    if (!state.last_colon) return false;
    state.need = Need::kSuite;
  }
  if (state.need == Need::kSuite) {
    state.opens = state.header;
    state.header = state.predecessor = Block::kNone;
    state.simple_only = state.is_async = state.line_begun = state.decorated = false;
    leave_statement(state);
    state.need = Need::kStatement;
    return true;
  }
  // Behind a semicolon.
  if (state.need == Need::kStatement && state.simple_only) {
    begin(state, kBare, Need::kEnd);
    return end_statement(state, Symbol::kNewline);
  }
  return state.depth > 0 && end_statement(state, Symbol::kNewline);
}

/// The names of import, global and nonlocal statements, and what stands between them.
bool take_name_list(PythonState& state, Symbol symbol) {
  Frame& frame = state.top();
  const FrameKind kind = frame.kind;
  switch (state.need) {
    case Need::kModule:
      if (symbol == Symbol::kName) {
        frame.set(flag::kStarted);
        state.need = Need::kModuleEnd;
        return true;
      }
      if (kind != kFrom || frame.has(flag::kStarted)) return false;
      if (symbol == Symbol::kDot || symbol == Symbol::kEllipsis) {
        frame.set(flag::kComma);  // relative: the module's name may be left out
        return true;
      }
      if (symbol != Symbol::kImport || !frame.has(flag::kComma)) return false;
      return begin(state, kFromNames, Need::kBoundName);
    case Need::kModuleEnd:
      if (symbol == Symbol::kDot) {
        state.need = Need::kModule;
        return true;
      }
      if (kind == kFrom) return symbol == Symbol::kImport && begin(state, kFromNames, Need::kBoundName);
      if (symbol == Symbol::kComma) {
        frame.clear(flag::kStarted);
        state.need = Need::kModule;
        return true;
      }
      if (symbol != Symbol::kAs) return false;
      frame.set(flag::kKeyword);
      state.need = Need::kBoundName;
      return true;
    case Need::kBoundName:
      if (symbol == Symbol::kName) {
        frame.set(flag::kStarted);
        state.need = Need::kNameEnd;
        return true;
      }
      if (kind == kFromNames && !frame.has(flag::kStarted)) {
        if (symbol == Symbol::kStar) {
          state.need = Need::kEnd;
          return !in_function(state) && state.indents[state.blocks - 1].kind != Block::kClass;
        }
        if (symbol == Symbol::kOpenParen) return push(state, kImportList, Need::kBoundName);
      }
      if (kind == kImportList && symbol == Symbol::kCloseParen && frame.has(flag::kStarted) &&
          !frame.has(flag::kKeyword)) {
        --state.depth;
        state.need = Need::kEnd;
        return true;
      }
      return false;
    default:  // kNameEnd
      if (symbol == Symbol::kComma) {
        frame.clear(flag::kKeyword);
        if (kind == kImport) frame.clear(flag::kStarted);
        state.need = kind == kImport ? Need::kModule : Need::kBoundName;
        return true;
      }
      if (symbol == Symbol::kAs && (kind == kFromNames || kind == kImportList) &&
          !frame.has(flag::kKeyword)) {
        frame.set(flag::kKeyword);
        state.need = Need::kBoundName;
        return true;
      }
      if (kind == kImportList && symbol == Symbol::kCloseParen) {
        --state.depth;
        state.need = Need::kEnd;
        return true;
      }
      return false;
  }
}

bool take_symbol(PythonState& state, Symbol symbol) {
  if (state.depth > 0 && state.frames[0].kind == kFree) {
    state.last_colon = symbol == Symbol::kColon;
    return true;
  }
  if (state.depth > 0 && is_pattern(state.top())) return take_pattern(state, symbol);
  switch (state.need) {
    case Need::kStatement:
      return statement(state, symbol);
    case Need::kSuite:
      if (state.header == Block::kMatch) return false;
      state.simple_only = true;
      return statement(state, symbol);
    case Need::kModule:
    case Need::kModuleEnd:
      return take_name_list(state, symbol);
    case Need::kBoundName:
    case Need::kNameEnd:
      switch (state.top().kind) {
        case kDef:
        case kClass:
        case kBoundName:
          break;
        default:
          return take_name_list(state, symbol);
      }
      if (state.need == Need::kBoundName) {
        if (symbol != Symbol::kName) return false;
        state.need = Need::kNameEnd;
        return true;
      }
      if (symbol == Symbol::kOpenParen && state.top().kind == kDef) {
        return push(state, kParameters, Need::kParameter);
      }
      if (symbol == Symbol::kOpenParen && state.top().kind == kClass) return push(state, kCall, Need::kTest);
      return symbol == Symbol::kColon && state.top().kind != kDef && begin_suite(state);
    case Need::kDefEnd:
      if (symbol == Symbol::kColon) return begin_suite(state);
      return symbol == Symbol::kArrow && state.top().kind == kDef && begin(state, kReturns, Need::kTest);
    case Need::kEnd:
      return symbol == Symbol::kColon && state.header != Block::kNone && !state.simple_only &&
             begin_suite(state);
    default:
      return take_expression(state, symbol);
  }
}

}  // namespace

bool in_function(const PythonState& state) {
  return any_context(state, [](Block block) {
    if (block == Block::kDef || block == Block::kAsyncDef) return 1;
    return block == Block::kClass ? 0 : -1;
  });
}

bool in_async_function(const PythonState& state) {
  return any_context(state, [](Block block) {
    if (block == Block::kAsyncDef) return 1;
    return block == Block::kDef || block == Block::kClass ? 0 : -1;
  });
}

bool begin_suite(PythonState& state) {
  leave_statement(state);
  state.need = Need::kSuite;
  return true;
}

bool take(PythonState& state, Symbol symbol) {
  if (symbol == Symbol::kNewline) return new_line(state);
  if (symbol == Symbol::kSemicolon && state.depth == 1) return end_statement(state, symbol);
  const bool behind_match = state.depth == 1 && state.header == Block::kMatch && !state.simple_only &&
                            state.frames[0] == Frame{kExpression, Operand::kName, flag::kStarted} &&
                            state.need == Need::kOperator;
  if (state.depth == 0 || (!state.soft && !behind_match)) return take_symbol(state, symbol);
  // `match` is a name until something comes that cannot follow a name. What else is not understood is not
  // read in lines that are there, and refused in new ones.
  const PythonState before = state;
  if (take_symbol(state, symbol)) {
    if (before.soft && before.frames[0].kind != kFree) {
      state.last_colon = symbol == Symbol::kColon && before.depth == 1 &&
                         before.frames[0].kind == kExpression &&
                         before.frames[0].operand == Operand::kSubscript;
    }
    return true;
  }
  state = before;
  if (!state.soft) {
    state.must_assign = false;
    begin(state, kForIterable, Need::kTest);  // as a subject has to be
    return take_operand(state, symbol);
  }
  if (state.header == Block::kCase) state.indents[state.blocks - 1].kind = Block::kMatchRead;
  state.depth = 1;
  state.frames[0] = Frame{kFree, Operand::kNone, 0};
  state.last_colon = symbol == Symbol::kColon;
  return true;
}

bool may_take(const PythonState& state, Symbol symbol) {
  PythonState copy = state;
  return take(copy, symbol);
}

bool is_step(std::uint32_t steps, unsigned by) {
  return steps == 0 || (by < 32 && ((steps >> by) & 1U) != 0);
}

bool enter_line(PythonState& state, unsigned column, std::uint32_t steps) {
  const auto indent = static_cast<std::uint8_t>(std::min(column, 255U));
  if (!state.program_begun) {  // a program that is indented as a whole
    state.program_begun = true;
    if (steps == 0) state.indents[0].column = indent;
  }
  PythonState::Indent& top = state.indents[state.blocks - 1];
  if (state.opens != Block::kNone) {
    if (indent <= top.column || !is_step(steps, indent - top.column)) return false;
    if (state.blocks == PythonState::kMaxBlocks) return false;
    state.indents[state.blocks++] = {indent, state.opens};
    state.opens = Block::kNone;
    return true;
  }
  if (indent > top.column) return false;
  if (indent < top.column && (state.decorated || state.predecessor == Block::kTry)) return false;
  while (state.blocks > 1 && state.indents[state.blocks - 1].column > indent) {
    state.predecessor = state.indents[--state.blocks].kind;
    // A try that ends here has had no handler.
    if (state.predecessor == Block::kTry && state.indents[state.blocks - 1].column > indent) return false;
  }
  return state.indents[state.blocks - 1].column == indent;
}

bool may_end_program(const PythonState& state) {
  if (state.depth != 0 || state.need != Need::kStatement || state.line_begun) return false;
  if (state.opens != Block::kNone || state.decorated || state.predecessor == Block::kTry) return false;
  return std::none_of(state.indents.begin(), state.indents.begin() + state.blocks,
                      [](const PythonState::Indent& i) { return i.kind == Block::kTry; });
}

bool same_situation(const PythonState& a, const PythonState& b) {
  return a.need == b.need && a.depth == b.depth && a.blocks == b.blocks && a.opens == b.opens &&
         a.header == b.header && a.predecessor == b.predecessor && a.simple_only == b.simple_only &&
         a.is_async == b.is_async && a.decorated == b.decorated && a.must_assign == b.must_assign &&
         a.soft == b.soft && a.last_colon == b.last_colon && a.line_begun == b.line_begun &&
         a.lexeme == b.lexeme && a.continued == b.continued &&
         std::equal(a.frames.begin(), a.frames.begin() + a.depth, b.frames.begin()) &&
         std::equal(a.indents.begin(), a.indents.begin() + a.blocks, b.indents.begin()) &&
         (a.lexeme != Lexeme::kString || a.string == b.string) && a.fields == b.fields &&
         a.used_count == b.used_count &&
         std::equal(a.used.begin(), a.used.begin() + a.used_count, b.used.begin()) &&
         std::equal(a.outer.begin(), a.outer.begin() + a.fields, b.outer.begin());
}

bool awaits_case(const PythonState& state) {
  const Block block = state.indents[state.blocks - 1].kind;
  return !state.simple_only &&
         (block == Block::kMatch || block == Block::kMatchRead || block == Block::kMatchEnd);
}

bool in_brackets(const PythonState& state) {
  if (state.depth < 2) return false;
  return std::any_of(state.frames.begin() + 1, state.frames.begin() + state.depth,
                     [](const Frame& f) { return f.kind >= kParen && f.kind <= kField; });
}

bool awaits_comprehension(const PythonState& state) {
  for (unsigned i = state.depth; i-- > 0;) {
    const Frame& frame = state.frames[i];
    if (frame.kind == kComprehensionTarget) return true;
    if (frame.kind != kParen && frame.kind != kList && frame.kind != kBrace && frame.kind != kDict &&
        frame.kind != kCall) {
      continue;
    }
    const bool keyword = frame.kind == kCall && frame.has(flag::kKeyword | flag::kInValue);
    if (!frame.has(flag::kComma | flag::kStarred | flag::kStar | flag::kStore) && !keyword) return true;
  }
  return false;
}

bool may_become_target(const PythonState& state) {
  if (state.depth == 0) return true;
  if (is_pattern(state.top())) {
    return state.need == Need::kTest && pattern_name_role(state) == NameRole::kStatement;
  }
  if (state.need > Need::kPrimary || state.top().has(flag::kStarted)) return false;
  for (unsigned i = 0; i < state.depth; ++i) {
    const Frame& frame = state.frames[i];
    const bool kind = i == 0 ? frame.kind == kExpression || frame.kind == kValue
                             : frame.kind == kParen || frame.kind == kList;
    if (!kind || frame.has(flag::kNotTargets | flag::kCompound)) return false;
  }
  return true;
}

NameRole name_role(const PythonState& state) {
  if (state.depth == 0) return NameRole::kStatement;
  const Frame& frame = state.top();
  switch (state.need) {
    case Need::kAttribute:
      return NameRole::kAttribute;
    case Need::kModule:
      return NameRole::kModule;
    case Need::kBoundName:
      return (frame.kind == kFromNames || frame.kind == kImportList) && !frame.has(flag::kKeyword)
                 ? NameRole::kMember
                 : NameRole::kStore;
    case Need::kParameter:
    case Need::kStarParameter:
      return NameRole::kParameter;
    default:
      break;
  }
  const bool start = !frame.has(flag::kStarted);
  switch (frame.kind) {
    case kForTarget:
    case kWithTarget:
    case kComprehensionTarget:
      return NameRole::kStore;
    case kPattern:
    case kPatternGroup:
    case kPatternList:
    case kPatternClass:
      return pattern_name_role(state);
    case kExpression:
      return start && !frame.has(flag::kNotTargets) ? NameRole::kStatement : NameRole::kLoad;
    case kParen:
    case kList:
      return frame.has(flag::kStore) && start ? NameRole::kStore : NameRole::kLoad;
    case kCall:
      if (!start || frame.has(flag::kInValue | flag::kStar)) return NameRole::kLoad;
      return frame.has(flag::kKeyword) ? NameRole::kArgumentOnly : NameRole::kArgument;
    default:
      return NameRole::kLoad;
  }
}

}  // namespace samara::diff::internal
