// PythonState: where a reader of Python stands between two bytes: the lexeme it is in, what the grammar wants
// next, the open brackets, the enclosing blocks. A plain value without pointers, a few hundred bytes, so that
// a trial is a copy. python_grammar.h moves it by symbols, python_scanner.h by bytes.
#pragma once

#include <array>
#include <cstdint>

namespace samara::diff::internal {

/// What the grammar is told; operators and keywords that behave alike share one.
enum class Symbol : std::uint8_t {
  kName,
  kNumber,
  kString,
  kBytes,
  kConstant,
  kEllipsis,
  kOpenParen,
  kOpenBracket,
  kOpenBrace,
  kCloseParen,
  kCloseBracket,
  kCloseBrace,
  kComma,
  kSemicolon,
  kColon,
  kDot,
  kAssign,
  kAugmented,
  kWalrus,
  kArrow,
  kAt,
  kStar,
  kDoubleStar,
  kSlash,
  kPlus,
  kMinus,
  kTilde,
  kBar,
  kBinary,
  kCompare,
  kLogical,
  kNot,
  kIn,
  kIs,
  kIf,
  kElif,
  kElse,
  kFor,
  kWhile,
  kTry,
  kExcept,
  kFinally,
  kWith,
  kDef,
  kClass,
  kAsync,
  kLambda,
  kReturn,
  kYield,
  kAwait,
  kRaise,
  kAssert,
  kDel,
  kGlobal,
  kNonlocal,
  kImport,
  kFrom,
  kAs,
  kPass,
  kBreak,
  kContinue,
  kMatch,
  kCase,      ///< as kMatch a name that may begin a statement of its own
  kNewMatch,  ///< these two in lines that are held to what is read of such statements
  kNewCase,
  kNewline,
};

/// What may come next.
enum class Need : std::uint8_t {
  kStatement,      ///< any statement
  kSuite,          ///< behind a header's colon: a simple statement or the end of the line
  kTest,           ///< an operand; `not` and `lambda` too
  kDisjunction,    ///< an operand; `not` too
  kComparison,     ///< an operand or a sign
  kAfterIs,        ///< as kComparison, or `not` once
  kPrimary,        ///< behind `await`
  kAfterYield,     ///< an operand, `from`, or the end
  kOperator,       ///< an operand has ended
  kIn,             ///< behind `not` after an operand
  kAttribute,      ///< behind a dot
  kBoundName,      ///< a name that the frame's statement binds
  kNameEnd,        ///< behind such a name
  kParameter,      ///< a parameter, `*`, `**`, `/` or the end
  kStarParameter,  ///< behind `*` among parameters
  kParameterEnd,   ///< behind a parameter's name
  kParameterGap,   ///< behind `/`, or `*` alone
  kModule,         ///< a module's name (or dots, behind `from`)
  kModuleEnd,
  kDefEnd,    ///< behind the parameters: `->` or a colon
  kAsyncFor,  ///< behind `async`
  kFieldEnd,  ///< behind `=` in a field of an f-string
  kEnd,       ///< nothing more in this statement
};

/// What a frame is: the statement at the bottom, then brackets and what else must be closed.
enum class FrameKind : std::uint8_t {
  kExpression,
  kValue,
  kAugmented,
  kAnnotation,
  kReturn,
  kHeaderTest,
  kForTarget,
  kForIterable,
  kWith,
  kWithTarget,
  kExcept,
  kBoundName,
  kAssert,
  kRaise,
  kDel,
  kImport,
  kFrom,
  kFromNames,
  kGlobal,
  kDef,
  kReturns,
  kClass,
  kDecorator,
  kBare,
  kFree,
  kPattern,
  kParen,
  kCall,
  kList,
  kSubscript,
  kBrace,
  kDict,
  kParameters,
  kImportList,
  kPatternGroup,
  kPatternList,
  kPatternClass,
  kField,
  kTernary,
  kLambda,
  kComprehensionTarget,
};

/// What the last operand of an element is.
enum class Operand : std::uint8_t {
  kNone,
  kName,
  kAttribute,
  kSubscript,
  kCall,
  kLiteral,
  kString,
  kBytes,
  kGroup,
  kTargetGroup,        ///< of targets; of a pattern that matches anything
  kSingleTargetGroup,  ///< `(x)`
};

/// What a block belongs to. kNone: no block.
enum class Block : std::uint8_t {
  kNone,
  kModule,
  kDef,
  kAsyncDef,
  kClass,
  kIf,
  kElse,
  kLoop,
  kWith,
  kTry,
  kExcept,
  kBareExcept,
  kTryElse,
  kFinally,
  kMatch,
  kMatchRead,  ///< some `case` was read without understanding it
  kMatchEnd,   ///< some `case` matches anything: none may follow
  kCase,
};

namespace flag {
inline constexpr std::uint16_t kStarted = 1U << 0;       ///< the current element has begun
inline constexpr std::uint16_t kCompound = 1U << 1;      ///< the element is more than one primary
inline constexpr std::uint16_t kStar = 1U << 2;          ///< the element is `*x` or `**x`
inline constexpr std::uint16_t kInValue = 1U << 3;       ///< the element is behind `name=`, `key:`, a default
inline constexpr std::uint16_t kInAnnotation = 1U << 4;  ///< the element is a parameter's annotation
inline constexpr std::uint16_t kComma = 1U << 5;         ///< a comma was seen
inline constexpr std::uint16_t kNotTargets = 1U << 6;    ///< an element cannot be assigned to
inline constexpr std::uint16_t kStarred = 1U << 7;       ///< some element is starred
inline constexpr std::uint16_t kKeyword = 1U << 8;       ///< a keyword argument or a default was seen
inline constexpr std::uint16_t kDoubleStar = 1U << 9;    ///< `**` was seen
inline constexpr std::uint16_t kComprehension = 1U << 10;  ///< behind the first `for ... in`
inline constexpr std::uint16_t kStore = 1U << 11;          ///< brackets of a target
inline constexpr std::uint16_t kPending = 1U << 12;   ///< something only once: `*` alone among parameters,
                                                      ///< `yield from`, `as` in parentheses, a conversion
inline constexpr std::uint16_t kSlash = 1U << 13;     ///< `/` was seen; in a slice: the second colon; in a
                                                      ///< statement: behind `(x)`; in a pattern: behind `|`
inline constexpr std::uint16_t kColon = 1U << 14;     ///< in a slice: a colon was seen
inline constexpr std::uint16_t kAllowsAs = 1U << 15;  ///< parentheses behind `with`
/// What ends with an element.
inline constexpr std::uint16_t kElement = kStarted | kCompound | kStar | kInValue | kInAnnotation | kColon;
}  // namespace flag

struct Frame {
  FrameKind kind = FrameKind::kExpression;
  Operand operand = Operand::kNone;
  std::uint16_t flags = 0;

  bool has(std::uint16_t bits) const { return (flags & bits) != 0; }
  void set(std::uint16_t bits) { flags = static_cast<std::uint16_t>(flags | bits); }
  void clear(std::uint16_t bits) { flags = static_cast<std::uint16_t>(flags & ~bits); }
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// What the bytes at the end are in the middle of.
enum class Lexeme : std::uint8_t { kIndent, kNone, kName, kNumber, kOperator, kString, kComment, kBackslash };

enum class NumberPart : std::uint8_t {
  kZero,
  kZeros,
  kPadded,
  kDigits,
  kPoint,
  kFraction,
  kExponentMark,
  kExponentSign,
  kExponent,
  kHex,
  kOctal,
  kBinary,
  kImaginary,
};

/// A string literal that is open.
struct StringState {
  char quote = '"';
  std::uint8_t opening =
      0;  ///< quotes read so far while it is not known whether there will be three; 0: known
  std::uint8_t closing = 0;  ///< quotes in a row inside a triple-quoted string
  std::uint8_t escape = 0;   ///< 1 behind a backslash, 2 behind \N, 3 inside \N{, 4 + n: n hex digits to come
  std::uint8_t brace = 0;    ///< behind one brace of an f-string: that brace
  bool triple = false, raw = false, bytes = false, format = false;
  bool in_spec = false;  ///< behind the colon of an f-string's field
  friend bool operator==(const StringState&, const StringState&) = default;
};

/// A name that the current logical line binds, or would if it turned out to be an assignment.
struct BoundName {
  enum class Status : std::uint8_t { kTentative, kBound, kVisible };
  std::uint32_t begin = 0;  ///< offset in the scanner's text
  std::uint8_t length = 0;
  Status status = Status::kTentative;
};

struct PythonState {
  static constexpr std::size_t kMaxFrames = 40;  ///< deeper nesting is refused
  static constexpr std::size_t kMaxBlocks = 24;
  static constexpr std::size_t kMaxNames = 16;  ///< further names of one line are forgotten
  static constexpr std::size_t kMaxUsed = 16;
  static constexpr std::size_t kMaxFields = 4;  ///< deeper nesting of f-strings is refused

  struct Indent {
    std::uint8_t column = 0;  ///< 255: that or more
    Block kind = Block::kModule;
    friend bool operator==(const Indent&, const Indent&) = default;
  };
  /// A keyword argument or parameter of a bracket that is open, by hash: none may come twice.
  struct Used {
    std::uint32_t hash = 0;
    std::uint8_t depth = 0;
    friend bool operator==(const Used&, const Used&) = default;
  };

  // Grammar.
  Need need = Need::kStatement;
  std::uint8_t depth = 0;  ///< frames in use; frame 0 is the statement
  std::uint8_t blocks = 1;
  Block header = Block::kNone;       ///< the block that the statement at hand opens, once its colon has come
  Block opens = Block::kNone;        ///< the line before was a header: a body must follow
  Block predecessor = Block::kNone;  ///< the compound statement that has just ended at this indentation
  bool simple_only = false;          ///< behind a semicolon or a header's colon
  bool is_async = false;             ///< the statement began with `async`
  bool decorated = false;            ///< the line before was a decorator
  bool must_assign = false;          ///< the statement began with a name that is not bound yet
  bool soft = false;                 ///< the statement began with `match` or `case`, or so it may be
  bool last_colon = false;     ///< in a free statement, or behind `match [x]`: the last symbol was a colon
  bool line_begun = false;     ///< the logical line has a symbol
  bool program_begun = false;  ///< some logical line has come
  std::array<Frame, kMaxFrames> frames{};
  std::array<Indent, kMaxBlocks> indents{};

  // Scanner.
  Lexeme lexeme = Lexeme::kIndent;
  NumberPart number = NumberPart::kZero;
  bool digit_due = false;                          ///< in a number: behind `_` or a prefix
  bool name_fits = false;                          ///< in a name: an identifier may stand here
  bool literal_fits = false;                       ///< in a name: a string literal may stand here
  bool continued = false;                          ///< the line before ended with a backslash
  std::uint8_t utf8_due = 0;                       ///< continuation bytes to come
  std::uint8_t utf8_low = 0x80, utf8_high = 0xBF;  ///< range of the next of them
  std::uint8_t prefix = 0;  ///< in a name: letters of a string prefix so far, see python_scanner.cc
  std::uint8_t operator_length = 0;
  std::array<char, 3> operator_text{};
  std::uint8_t keyword_low = 0, keyword_high = 0;  ///< keywords that begin with the name so far
  std::uint16_t column = 0;                        ///< spaces at the beginning of the line
  std::uint16_t length = 0;                        ///< bytes of the name or number so far
  std::uint32_t name_begin = 0;
  std::uint32_t name_hash = 0;      ///< of the name at hand, or the last one
  std::uint32_t position = 0;       ///< bytes read of the scanner's text
  std::uint32_t comment_begin = 0;  ///< in a comment: where its `#` stands
  StringState string;
  std::uint8_t fields = 0;                      ///< fields of f-strings that are open
  std::array<StringState, kMaxFields> outer{};  ///< the strings that they are in

  // Names.
  std::uint16_t known_low = 0, known_high = 0;  ///< known names that begin with the name so far
  std::uint32_t owed = 0;      ///< letters used as names that a comprehension must still bind, bit 0 is a
  bool argument_only = false;  ///< the last name can only be a keyword argument's
  bool no_argument = false;    ///< the last name cannot be one
  std::uint8_t names = 0, used_count = 0;
  std::array<BoundName, kMaxNames> bound{};
  std::array<Used, kMaxUsed> used{};

  Frame& top() { return frames[depth - 1]; }
  const Frame& top() const { return frames[depth - 1]; }
};

/// Whether what may follow is the same: both at the beginning of a line.
bool same_situation(const PythonState& a, const PythonState& b);

}  // namespace samara::diff::internal
