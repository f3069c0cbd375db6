#include "samara/mutation/diff/python_guard.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

/// How many bytes of `text` are taken, one at a time; its line breaks begin new lines. npos: all of them.
std::size_t refused_at(PythonGuard& guard, std::string_view text) {
  guard.begin_line();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      if (!guard.allows_line_end()) return i;
      guard.begin_line();
      continue;
    }
    if (!guard.allows_text(text.substr(i, 1))) return i;
    guard.accept_text(text.substr(i, 1));
  }
  return std::string_view::npos;
}

/// Whether a program of these lines could be written from nothing.
bool is_program(std::string_view text, bool names = false) {
  PythonGuard guard(PythonProgram::parse(""), {.names = names});
  guard.begin_edit(0, 0);
  return refused_at(guard, text) == std::string_view::npos && guard.allows_line_end() &&
         guard.allows_edit_end();
}

/// Whether `text` may replace `removed` lines from `first` (from 0) on.
bool may_replace(std::string_view program, std::size_t first, std::size_t removed, std::string_view text,
                 PythonGuardOptions options = {.names = false}, std::span<const std::string> known = {}) {
  PythonGuard guard(PythonProgram::parse(program, known), options);
  guard.begin_edit(first, removed);
  return refused_at(guard, text) == std::string_view::npos && guard.allows_line_end() &&
         guard.allows_edit_end();
}

TEST(PythonGuardTest, TakesStatementsOfEveryForm) {
  for (const char* text : {
           "pass",
           "x = 1",
           "x = y = z",
           "x: int = 3",
           "x += 1",
           "a, b = b, a",
           "a, = b",
           "(a, b) = c",
           "[a, *b] = c",
           "x[1:2, ::3] = 0",
           "x.y.z = f(a, *b, c=1, **d)",
           "del x, y[0]",
           "import a.b as c, d",
           "from . import x",
           "from ..a import (b, c as d,)",
           "from a import *",
           "assert x, 'why'",
           "raise E from None",
           "raise",
           "global a, b",
           "print(*a)",
           "x = *a, b",
           "x += *a, b",
           "x += a, *b",
           "x += *a,",
           "x: int = *a, b",
           "(x): int",
           "((x)): int = 1",
           "(x.y): int",
           "(x[0].y): int = *a, b",
           "(x) += 1",
           "((x.y)) += *a, b",
           "(x).y += 1",
           "if a: pass\nelif b: pass\nelse: pass",
           "for i, (a, b) in c: pass\nelse: pass",
           "while not x: break",
           "try:\n    pass\nexcept (A, B) as e:\n    pass\nexcept:\n    pass\nelse:\n    pass\nfinally:\n    "
           "pass",
           "with a as b, c() as (d, e): pass",
           "with (a as b, c as d,): pass",
           "with (a, b): pass",
           "def f(a, b: int = 1, /, c=2, *args: x, d, **kw) -> int: return a",
           "def f(*, a): yield",
           "class A(B, metaclass=C): x = 1",
           "@a.b(c)\ndef f(): pass",
           "async def f(): return 1",
           "@a\n@b\nasync def f(): pass",
           "async def f():\n    async with a as b:\n        await c\n    return [x async for x in y]",
           "x = lambda a, *b, c=1: (yield_, a)",
           "x = a if b else c if d else e",
           "x = [a for b in c if d if e for f in g]",
           "x = {a: b for a, b in c}",
           "x = {a, *b}",
           "x = {**a, 'b': 1}",
           "x = {}",
           "x = ()",
           "x = (a,)",
           "x = f(a for a in b)",
           "x = not a in b and c not in d or e is not f",
           "x = -a ** -b",
           "x = 1 if (y := f()) else 2",
           "if x := f(): pass",
           "x = a[b][c](d).e",
           "x = '' 'a' \"b\" f'{c}'",
           "x = b'' b'a'",
           "x = 1_000 + 0x_fF + 0b1 + 0o7 + 1. + .5e-3 + 1e5j + 00",
           "x = '\\'\\x41\\u0041'",
           "x = r'\\x'",
           "x = '''a\nb''\n'''",
           "x = (1,\n     2)",
           "x = 1 + \\\n    2",
           "x = f'{a!r:>{b}} {{}} {c:%Y} {d=}'",
           "match x:\n    case [1, *_] if y:\n        pass\n    case _:\n        pass",
           "match [x]:\n    case [y]:\n        pass",
           "match x:\n    case 1: pass\n    case y if y: pass\n    case _: pass",
           "match[x]: int",
           "match = 1",
           "x = a; y = b;",
           "# comment",
           "",
           "x = ...",
           "def f():\n    return\n\n\n\nx = 1",
           "x = '\xc3\xa9'",
       }) {
    EXPECT_TRUE(is_program(text)) << text;
  }
}

TEST(PythonGuardTest, RefusesWhatIsNoStatement) {
  for (const char* text : {
           "f(x) = 3",
           "a + b = c",
           "3 = x",
           "x = = y",
           "x y",
           "x = 1 +",
           "x = (1",
           "x = 1)",
           "x = [1)",
           "f(a=1, b)",
           "f(**a, b)",
           "f(**a, *b)",
           "f(a=1, a=2)",
           "f(a for a in b, c)",
           "x = *a",
           "(*a)",
           "def f(a=1, b): pass",
           "def f(a, a): pass",
           "def f(*): pass",
           "def f(**a, b): pass",
           "x = a if b",
           "x = a not b",
           "x = a is",
           "x + 1 += 2",
           "a, b += 1",
           "a, b: int",
           "x += *a",
           "x += *a, b = c",
           "x: int = *a",
           "x: *a, b",
           "(x, y): int",
           "(x,): int",
           "[x]: int",
           "(): int",
           "(x()): int",
           "(*x): int",
           "(x if y else z): int",
           "(x).y: int",
           "(x)[0]: int",
           "(x, y) += 1",
           "[x] += 1",
           "match:",
           "match x:\n    pass",
           "match x: pass",
           "match x:\n    case = 1",
           "match x:\n    case y: pass\n    case 1: pass",
           "x = 'abc",
           "x = '''abc",
           "x = 'a' b'b'",
           "x = '\\x4'",
           "x = 012",
           "x = 1__0",
           "x = 0x",
           "x = 1e",
           "x = 1a",
           "x = a..b",
           "x = a ! b",
           "x = $",
           "x = `a`",
           "x\t= 1",
           "x = a <> b",
           "return 1",
           "yield",
           "break",
           "def f():\n    break",
           "while x:\n    def f():\n        continue",
           "class A:\n    return",
           "async for x in y: pass",
           "def f():\n    async with x: pass",
           "if x:",
           "if x:\npass",
           "  x = 1",
           "if x:\n   y = 1",
           "if x:\n    y = 1\n  z = 1",
           "else: pass",
           "try:\n    pass",
           "try:\n    pass\nx = 1",
           "try:\n    pass\nexcept:\n    pass\nexcept A:\n    pass",
           "for x in y: pass\nelif z: pass",
           "@a",
           "@a\nx = 1",
           "x = [a for b c]",
           "x = [a, b for b in c]",
           "x = {a: b, c}",
           "x = {a, b: c}",
           "x = a[]",
           "import a.b.",
           "from a import",
           "import *",
           "for 1 in x: pass",
           "for f() in x: pass",
           "with a as 1: pass",
           "del f()",
           "lambda x = 1",
           "x = a and and b",
           "x = - ",
           "x = a - not b",
           "x = f'{'",
           "x = f'}'",
           "x = f'{}'",
           "x = f'{a b}'",
           "x = f'{'a'}'",
           "x = await y",
           "assert x, y, z",
           "raise x from",
           "x := 1",
           "x = {'a': b := 1}",
           "if: pass",
           "class: pass",
           "def f: pass",
           "x = \xc3\xa9",
           "x = '\xc3'",
           "x = '\xff'",
           "None = 1",
           "x.None = 1",
           "f(None=1)",
           "x = \\",
           "def = 1",
           "def f():\n    yield from a, b",
       }) {
    EXPECT_FALSE(is_program(text)) << text;
  }
}

constexpr std::string_view kProgram =
    "def total(items, start):\n"       // 0
    "    result = start\n"             // 1
    "    for item in items:\n"         // 2
    "        if item.ok:\n"            // 3
    "            result += item.n\n"   // 4
    "        else:\n"                  // 5
    "            missing.add(item)\n"  // 6
    "    return result\n";             // 7

TEST(PythonGuardTest, NewLinesMustFitWhatFollows) {
  EXPECT_TRUE(may_replace(kProgram, 4, 1, "            result = item.n"));
  EXPECT_TRUE(may_replace(kProgram, 3, 1, "        for k in item:"));  // else of a loop
  EXPECT_FALSE(may_replace(kProgram, 3, 1, "        with item:"));     // else of nothing
  EXPECT_FALSE(may_replace(kProgram, 3, 1, "        item = 1"));       // a body of nothing
  EXPECT_FALSE(may_replace(kProgram, 5, 0, "        item = 1"));       // else behind a statement
  EXPECT_TRUE(may_replace(kProgram, 5, 0, "            item = 1"));
  EXPECT_FALSE(may_replace(kProgram, 4, 1, "            if item:"));  // no body
  EXPECT_FALSE(may_replace(kProgram, 4, 1, "            result = ("));
  EXPECT_FALSE(may_replace(kProgram, 4, 1, "            '''"));
  EXPECT_FALSE(may_replace(kProgram, 4, 1, "          result = 1"));
  EXPECT_FALSE(may_replace(kProgram, 4, 1, "                result = 1"));
  EXPECT_TRUE(may_replace(kProgram, 8, 0, "x = 1"));
  EXPECT_TRUE(may_replace(kProgram, 8, 0, "    x = 1"));
  EXPECT_FALSE(may_replace(kProgram, 8, 0, "if x:"));
  EXPECT_FALSE(may_replace(kProgram, 0, 1, "x = 1"));
  EXPECT_FALSE(may_replace(kProgram, 0, 1, "class A:"));  // return outside of a function
}

TEST(PythonGuardTest, LinesInsideBracketsAndStringsGoOnWhereTheirProgramIs) {
  const std::string_view program = "f(a,\n  b,\n  c=1)\nx = '''\ntext\n'''\n";
  EXPECT_TRUE(may_replace(program, 1, 1, "  b + 1,"));
  EXPECT_FALSE(may_replace(program, 1, 1, "  b"));
  EXPECT_FALSE(may_replace(program, 1, 1, "  b)"));
  EXPECT_FALSE(may_replace(program, 1, 1, "  c=2,"));
  EXPECT_TRUE(may_replace(program, 2, 1, "  c=1, d=2)"));
  EXPECT_TRUE(may_replace(program, 4, 1, "any text ( at all"));
  EXPECT_FALSE(may_replace(program, 4, 1, "any text '''"));
}

TEST(PythonGuardTest, PureDeletionsMustLeaveAProgram) {
  const PythonProgram program = PythonProgram::parse(kProgram);
  const auto allows = [&](std::size_t first, std::size_t removed) {
    PythonGuard guard(program);
    guard.begin_edit(first, removed);
    return guard.fits_until();
  };
  EXPECT_EQ(allows(1, 1), PythonGuard::kWholeProgram);
  EXPECT_EQ(allows(5, 2), PythonGuard::kWholeProgram);
  EXPECT_EQ(allows(4, 1), 5U);  // the body of if
  EXPECT_EQ(allows(0, 1), 1U);
  EXPECT_EQ(allows(0, 8), PythonGuard::kWholeProgram);
}

TEST(PythonGuardTest, ALaterEditMayMakeGoodWhatAnEarlierOneBroke) {
  PythonGuard guard(PythonProgram::parse("if a:\n    b = 1\n\n    c = 1\n"), {.names = false});
  guard.begin_edit(0, 2);
  EXPECT_EQ(refused_at(guard, "b = 1"), std::string_view::npos);
  EXPECT_EQ(guard.fits_until(), 3U);
  guard.begin_edit(3, 1);
  EXPECT_EQ(refused_at(guard, "c = 1"), std::string_view::npos);
  EXPECT_TRUE(guard.allows_edit_end());
}

TEST(PythonGuardTest, NamesMustBeBound) {
  const std::vector<std::string> known = {"make"};
  const auto allows = [&](std::string_view line, std::size_t at = 4) {
    return may_replace(kProgram, at, 1, line, {.names = true}, known);
  };
  EXPECT_TRUE(allows("            result += start"));
  EXPECT_TRUE(allows("            result = make(len(items))"));
  EXPECT_FALSE(allows("            result += unknown"));
  EXPECT_FALSE(allows("            missing.add(item)"));  // read there, bound nowhere
  EXPECT_FALSE(allows("            result += item.unknown"));
  EXPECT_TRUE(allows("            item.n = result"));
  EXPECT_TRUE(allows("            fresh = result"));
  EXPECT_FALSE(allows("            fresh += result"));
  EXPECT_FALSE(allows("            fresh(result)"));
  EXPECT_TRUE(allows("            fresh, other = item"));
  EXPECT_TRUE(allows("            fresh = result\n            result += fresh"));
  EXPECT_FALSE(allows("            fresh = fresh"));
  EXPECT_TRUE(allows("            for fresh in items: result += fresh"));
  EXPECT_TRUE(allows("            result = [x.n for x in items]"));
  EXPECT_TRUE(allows("            result = sum(total(x, y) for x in items for y in x)"));
  EXPECT_FALSE(allows("            result = [x.n for item in items]"));
  EXPECT_FALSE(allows("            result = x"));
  EXPECT_TRUE(allows("            result = total(items, start=1)"));
  EXPECT_FALSE(allows("            result = total(items, unknown=1)"));
  EXPECT_TRUE(allows("            result = (lambda n: n)(item)"));
  EXPECT_FALSE(allows("            result = math.pi"));
  EXPECT_FALSE(allows("            import os"));
  EXPECT_FALSE(allows("    for k in items:\n        result = item", 2));  // its only binding goes
}

TEST(PythonGuardTest, MatchStatementsMayBeWrittenWithNames) {
  const std::string_view program =
      "def f(x, Point):\n"
      "    y = Point.zero\n"
      "    match x:\n"
      "        case 0 | None:\n"
      "            y = x\n"
      "        case _:\n"
      "            pass\n"
      "    return y\n";
  const auto allows = [&](std::string_view text, std::size_t first = 1, std::size_t removed = 0) {
    return may_replace(program, first, removed, text, {.names = true});
  };
  for (const char* line : {
           "    match x:",
           "    match x, y:",
           "    match *x, y:",
           "    match (x.zero):",
           "    match [x]:",
           "    match -x:",
           "    match not x:",
           "    match {}:",
           "    match len(x) if x else 1:",
           "    match 'a':",
           "    match Point(x=1):",
       }) {
    EXPECT_TRUE(allows(std::string(line) + "\n        case 1: pass", 2)) << line;
    EXPECT_FALSE(allows(line, 2)) << line;
  }
  for (const char* line : {"    match z:", "    match *x:", "    match x = 1:", "    match x: pass",
                           "    match yield:", "    match x;", "    match in x:", "    match x\n"}) {
    EXPECT_FALSE(allows(std::string(line) + "\n        case 1: pass", 2)) << line;
  }
  for (const char* pattern : {
           "1",
           "-1.5",
           "'a' 'b'",
           "b'a'",
           "None",
           "Point.zero",
           "Point.zero.zero",
           "a",
           "_",
           "(a)",
           "a as b",
           "1 as b",
           "1 | 2",
           "1 | Point.zero | -1",
           "(1 | 2) as b",
           "1 | 2 as b",
           "a,",
           "a, b",
           "[]",
           "()",
           "[a, *b]",
           "a, *_, b",
           "*a,",
           "(a, b) as c",
           "Point()",
           "Point(a)",
           "Point(1, zero=a)",
           "Point(zero=1 | 2 as b,)",
           "Point.zero(a, (b, [c]))",
           "a if a",
           "a, b if a and b > y",
           "[Point(a), 1] if (y := a)",
       }) {
    EXPECT_TRUE(allows(std::string("        case ") + pattern + ": pass\n        case 2: pass", 3, 4) ||
                allows(std::string("        case ") + pattern + ": pass", 3, 4))
        << pattern;
  }
  for (const char* pattern : {
           "f'a'",
           "'a' b'a'",
           "+1",
           "--1",
           "-y",
           "...",
           "a | b",
           "a | 1",
           "1 | a",
           "[a] | 1",
           "[1 as a] | 2",
           "a as _",
           "*a",
           "(*a)",
           "*a, *b",
           "a, a",
           "a as a",
           "[a, Point(a)]",
           "Point(zero=1, 2)",
           "Point(zero=1, zero=2)",
           "Point(unknown=1)",
           "Point(*a)",
           "unknown.zero",
           "unknown()",
           "Point.unknown",
           "_.zero",
           "_()",
           "Point()()",
           "Point().zero",
           "a if *a",
           "a if a, b",
           "a if c",
           "1 as a | 2",
           "a b",
           "Point(zero=)",
           "a as b.c",
           "(a",
           "a)",
           "",
           "if a",
       }) {
    EXPECT_FALSE(allows(std::string("        case ") + pattern + ": pass", 3, 4)) << pattern;
  }
  EXPECT_TRUE(allows("        case [a, *b]:\n            y = a + len(b)", 3));
  EXPECT_FALSE(allows("        case [a, *b]:\n            y = c", 3));
  EXPECT_TRUE(allows("        case 1:\n            y = x", 5));
  EXPECT_FALSE(allows("        case 1:\n            y = x", 7));  // behind `case _`
  EXPECT_FALSE(allows("        case a:\n            y = x", 5));
  EXPECT_FALSE(allows("        y = x", 5));
  EXPECT_TRUE(allows("    match = x\n    y = match", 1));
  EXPECT_FALSE(allows("    y = match", 1));
}

TEST(PythonGuardTest, ImportedModulesBringTheirNames) {
  const std::string_view program = "import math\nx = 1\n";
  EXPECT_TRUE(may_replace(program, 1, 1, "x = math.sin(math.pi)", {.names = true}));
  EXPECT_TRUE(may_replace(program, 1, 1, "from math import cos\nx = cos(1)", {.names = true}));
  EXPECT_FALSE(may_replace(program, 1, 1, "import os", {.names = true}));
}

TEST(PythonGuardTest, TokensMaySpanLexemes) {
  PythonGuard guard(PythonProgram::parse(kProgram));
  guard.begin_edit(4, 1);
  guard.begin_line();
  for (const char* token :
       {"       ", "     result", " = [", "total(", "items", ", ", "start", "), ", "item", ".n", "]"}) {
    EXPECT_TRUE(guard.allows_text(token)) << token;
    EXPECT_FALSE(guard.allows_text("$")) << token;
    guard.accept_text(token);
  }
  EXPECT_FALSE(guard.allows_text("]"));
  EXPECT_TRUE(guard.allows_edit_end());
}

TEST(PythonGuardTest, WhatIsRefusedStaysRefused) {
  PythonGuard guard(PythonProgram::parse(kProgram));
  guard.begin_edit(4, 1);
  guard.begin_line();
  guard.accept_text("            )");
  EXPECT_FALSE(guard.allows_text(" "));
  EXPECT_FALSE(guard.allows_line_end());
  EXPECT_FALSE(guard.allows_edit_end());
}

TEST(PythonGuardTest, ProgramsThatAreNotPythonAreReadAroundTheirFaults) {
  const std::string_view program = "def f(a):\n    b = = a\n    return (b\n    c = 1\n";
  EXPECT_EQ(PythonProgram::parse(program).first_broken_line(), 1U);
  EXPECT_FALSE(PythonProgram::parse(program).well_formed());
  EXPECT_TRUE(may_replace(program, 0, 1, "def f(a, c):"));
  EXPECT_TRUE(may_replace(program, 1, 1, "    b = a", {.names = true}));
}

/// Bytes that bring a reader of Python far, and others.
std::string odd_text(Rng& rng, std::size_t length) {
  static const std::vector<std::string> kPieces = {
      "(",    ")", "[", "]",    "{",    "}",    "'",    "\"", "'''",    "f'",   "{",  "}",
      ":",    "=", ",", "if ",  "for ", " in ", "x",    "1",  "\n",     "    ", "\\", "lambda ",
      "def ", ".", "#", "\xc3", "\x80", "else", "try:", "*",  "class ", "!",    "\t"};
  std::string text;
  while (text.size() < length) {
    text += rng.chance(0.9) ? kPieces[rng.below(static_cast<std::uint32_t>(kPieces.size()))]
                            : std::string(1, static_cast<char>(rng.below(256)));
  }
  return text;
}

TEST(PythonGuardTest, AnyBytesAreAnsweredAndTrialsChangeNothing) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Rng rng(seed);
    const std::string source = odd_text(rng, rng.below(200));
    const PythonProgram program = PythonProgram::parse(source);
    const bool names = rng.chance(0.5);
    PythonGuard guard(program, {.names = names});
    std::size_t line = 0;
    for (int edit = 0; edit < 3; ++edit) {
      line += rng.below(static_cast<std::uint32_t>(program.line_count() - line + 1));
      const auto removed = rng.below(static_cast<std::uint32_t>(program.line_count() - line + 1));
      guard.begin_edit(line, removed);
      line += removed;
      for (int i = 0; i < 3; ++i) {
        guard.begin_line();
        for (int k = 0; k < 30; ++k) {
          const std::string token = odd_text(rng, 1);
          const bool allowed = guard.allows_text(token);
          RC_ASSERT(guard.allows_text(token) == allowed);
          // Bytes one at a time are allowed if they are together, but for names that begin with a keyword.
          if (allowed) {
            PythonGuard slow = guard;
            for (const char& byte : token) {
              RC_ASSERT(names || slow.allows_text(std::string_view(&byte, 1)));
              slow.accept_text(std::string_view(&byte, 1));
            }
            guard.accept_text(token);
          }
        }
      }
      RC_ASSERT(guard.allows_edit_end() == (guard.fits_until() == PythonGuard::kWholeProgram));
    }
  }));
}

TEST(PythonGuardTest, CommentsOfRemovedLinesMayBeKeptOnceAndNoneAdded) {
  constexpr const char* kProgram = "x = 1  # speed\n# then\ny = '#'\nz = (1,  # one\n     2)\n";
  const PythonGuardOptions options = {.names = false, .new_comments = false};
  const auto may = [&](std::size_t first, std::size_t removed, std::string_view text) {
    return may_replace(kProgram, first, removed, text, options);
  };
  EXPECT_TRUE(may(0, 1, "x = 2  # speed"));
  EXPECT_TRUE(may(0, 1, "x = 2"));
  EXPECT_TRUE(may(0, 1, "w = 2\nx = 2   # speed"));
  EXPECT_TRUE(may(0, 2, "# then\nx = 2  # speed"));
  EXPECT_TRUE(may(2, 1, "y = '# free text in a string'"));
  EXPECT_TRUE(may(3, 1, "z = (2,  # one"));
  EXPECT_FALSE(may(0, 1, "x = 2  # spe"));
  EXPECT_FALSE(may(0, 1, "x = 2  # speedy"));
  EXPECT_FALSE(may(0, 1, "x = 2  # speed\nw = 2  # speed"));
  EXPECT_FALSE(may(0, 1, "# then\nx = 2"));  // that line stays
  EXPECT_FALSE(may(0, 0, "w = 2  # speed"));
  EXPECT_FALSE(may(2, 1, "y = 1  #"));
  EXPECT_TRUE(may_replace(kProgram, 0, 0, "# new", {.names = false}));
  EXPECT_FALSE(may(1, 1, "w = 1 + \\"));  // a comment that is not shown may stand behind it

  PythonGuard guard(PythonProgram::parse(kProgram), options);  // a line at a time, as diffs name them
  guard.begin_edit(0, 0);
  guard.begin_edit(0, 1);
  guard.begin_line();
  EXPECT_TRUE(guard.allows_text("x = 5  # spe"));
  guard.accept_text("x = 5  # spe");
  EXPECT_FALSE(guard.allows_line_end());
  EXPECT_FALSE(guard.allows_edit_end());
  EXPECT_FALSE(guard.allows_text("ll"));
  guard.accept_text("ed");
  EXPECT_TRUE(guard.allows_edit_end());
}

TEST(PythonGuardTest, NestingAndLinesAreBounded) {
  PythonGuard guard(PythonProgram::parse(""), {.names = false});
  guard.begin_edit(0, 0);
  guard.begin_line();
  std::size_t depth = 0;
  while (depth < 1000 && guard.allows_text("(")) {
    guard.accept_text("(");
    ++depth;
  }
  EXPECT_GT(depth, 20U);
  EXPECT_LT(depth, 100U);

  PythonGuard other(PythonProgram::parse(""), {.names = false});
  other.begin_edit(0, 0);
  other.begin_line();
  std::size_t bytes = 0;
  for (; bytes < 10000 && other.allows_text("'a' "); bytes += 4) other.accept_text("'a' ");
  EXPECT_LE(bytes, PythonGuard::kMaxLineBytes);
  EXPECT_FALSE(PythonProgram::parse(std::string(100000, '(')).well_formed());
  EXPECT_FALSE(
      PythonProgram::parse(std::string(100000, '[') + "\n" + std::string(100000, ' ')).well_formed());
  EXPECT_TRUE(PythonProgram::parse(std::string(100000, '\n')).well_formed());
}

}  // namespace
}  // namespace samara::diff
