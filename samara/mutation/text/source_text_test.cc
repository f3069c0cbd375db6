#include "samara/mutation/text/source_text.h"

#include <gtest/gtest.h>

#include <string>

#include "samara/base/rng.h"

namespace samara::text {
namespace {

using Strings = std::vector<std::string>;

Strings words(const SourceText& source) {
  Strings words;
  for (const Token& token : source.tokens()) words.emplace_back(source.text_of(token));
  return words;
}

Strings units(std::string_view text) {
  const SourceText source(text);
  Strings found;
  for (const Unit& unit : source.units()) found.emplace_back(text.substr(unit.begin, unit.end - unit.begin));
  return found;
}

Strings values(std::string_view text) {
  const SourceText source(text);
  Strings found;
  for (std::size_t i = 0; i < source.tokens().size(); ++i) {
    if (source.is_value(i)) found.emplace_back(source.text_of(source.tokens()[i]));
  }
  return found;
}

TEST(SourceTextTest, FindsTokens) {
  EXPECT_EQ(words(SourceText("x += y->z[1.5e-3f] << 2; // x = 3")),
            (Strings{"x", "+=", "y", "->", "z", "[", "1.5e-3f", "]", "<<", "2", ";"}));
  EXPECT_EQ(words(SourceText("for i in 0..10 { a.b(\"x + \\\" 1\", 'c') }")),
            (Strings{"for", "i", "in", "0", "..", "10", "{", "a", ".", "b", "(", "\"x + \\\" 1\"", ",", "'c'",
                     ")", "}"}));
  EXPECT_EQ(words(SourceText("#include <x>\na /* b\nc */ d -- e\nf")), (Strings{"a", "d", "f"}));
  EXPECT_EQ(words(SourceText("fn f<'a>(x: &'a str)")),
            (Strings{"fn", "f", "<", "'", "a", ">", "(", "x", ":", "&", "'", "a", "str", ")"}));
  EXPECT_EQ(words(SourceText("don't")), (Strings{"don", "'", "t"}));
}

TEST(SourceTextTest, AUnitIsAStatementOrAHeaderWithItsBlock) {
  const std::string loop = "for (;;) {\n  a();\n  b(\n      1);\n}\n";
  EXPECT_EQ(units(loop), (Strings{loop, "  a();\n", "  b(\n      1);\n"}));
  const std::string branch = "if (x) {\n  a();\n} else {\n  b();\n}\n";
  EXPECT_EQ(units(branch + "c();"), (Strings{branch, "  a();\n", "  b();\n", "c();"}));
  const std::string braces_below = "void f()\n{\n  a();\n}\n";
  EXPECT_EQ(units(braces_below), (Strings{braces_below, "  a();\n"}));
  const std::string python = "if x:\n    a()\n\n    b()\nelse:\n    c()\n";
  EXPECT_EQ(units(python + "d()\n"), (Strings{python, "    a()\n", "    b()\n", "    c()\n", "d()\n"}));
  const std::string lua = "while x do\n  a()\nend\n";
  EXPECT_EQ(units(lua + "b()\n"), (Strings{lua, "  a()\n", "b()\n"}));
}

TEST(SourceTextTest, LinesWhoseBracketsNeverCloseAreNoUnit) {
  EXPECT_EQ(units("f(\na;\n"), (Strings{"a;\n"}));
  EXPECT_EQ(units("}\nb;\n"), (Strings{"b;\n"}));
}

TEST(SourceTextTest, AValueIsANameThatIsRead) {
  EXPECT_EQ(values("int i = j + k[m];"), (Strings{"j", "k", "m"}));
  EXPECT_EQ(values("x += f(y, a.b, ::c); ++z; return w;"), (Strings{"y", "w"}));
  EXPECT_EQ(values("let n: u32 = p;"), (Strings{"p"}));
}

TEST(SourceTextTest, APieceStandsBetweenBracketsCommasAndSemicolons) {
  const SourceText source("for (i = 0; i < n; ) { f(a, g(b)[2]); }");
  Strings pieces;
  for (const Piece& piece : source.pieces()) {
    const std::size_t begin = source.tokens()[piece.first].begin;
    pieces.emplace_back(source.text().substr(begin, source.tokens()[piece.last - 1].end - begin));
  }
  EXPECT_EQ(pieces, (Strings{"i = 0", "i < n", "a", "b", "2", "g(b)[2]"}));
}

TEST(SourceTextTest, TakesAnyBytes) {
  Rng rng(1);
  const std::string_view alphabet("a0 \n\t(){}[]'\"`\\/*#-.;,=<\x80\xff\0", 28);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::uint32_t n = rng.below(60); n > 0; --n) text += alphabet[rng.below(28)];
    const SourceText source(text);
    std::size_t end = 0;
    for (const Token& token : source.tokens()) {
      ASSERT_LE(end, token.begin) << text;
      ASSERT_LT(token.begin, token.end) << text;
      end = token.end;
    }
    ASSERT_LE(end, text.size());
    for (const Unit& unit : source.units()) ASSERT_LT(unit.begin, unit.end) << text;
    for (const Piece& piece : source.pieces()) ASSERT_LT(piece.first, piece.last) << text;
  }
}

}  // namespace
}  // namespace samara::text
