#include "samara/mutation/diff/call_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "samara/base/file.h"

namespace samara::diff {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> faults_of(std::string_view source, const CallHabits& habits = {}) {
  return call_faults(PythonProgram::parse(source), "main", habits);
}

/// The faults of a line in a function besides some others.
std::vector<std::string> faults_with(const std::string& line) {
  return faults_of(
      "def plain(a, b):\n    return a\n"
      "def optional(a, b=1, *, c=(2, 3)):\n    return b\n"
      "def rest(a, *more, **named):\n    return more\n"
      "def nothing(a):\n    print(a)\n    return\n"
      "def pair(a):\n    if a:\n        return a, 1\n    return 2, a\n"
      "def items(a):\n    found = []\n    for x in a:\n        found.append(x)\n    return found\n"
      "def main(w):\n    " +
      line + "\n    return w\n");
}

TEST(CallFaultsTest, ArgumentsAreWhatTheFunctionTakes) {
  for (const char* line : {"plain(1)", "plain(1, 2, 3)", "plain(1, c=2)", "w = plain((1, 2))", "plain(b=1)",
                           "plain()", "plain('a, b')", "plain(\"\"\"(\n, )\"\"\")", "plain(1  # 2,\n    )"}) {
    EXPECT_EQ(faults_with(line).size(), 1U) << line;
  }
  EXPECT_THAT(faults_with("plain(1, 2, 3)"), ElementsAre("plain(3)"));
  for (const char* line :
       {"plain(1, 2)", "plain(1, 2,)", "plain(b=1, a=2)", "plain(1, b=[2, 3])", "plain(*w)",
        "plain(1, b=lambda x, y: x)", "plain(*(x for x, y in w))", "rest(x for x, y in w)", "optional(1)",
        "optional(1, 2)", "optional(a=1, c=2)", "rest(1, 2, 3)", "rest(1, x=2)", "w.plain(1)",
        "plain('(', ')')", "plain(w == 1, 2)", "plain(1 if w else 2,\n        3)", "w = plain"}) {
    EXPECT_THAT(faults_with(line), IsEmpty()) << line;
  }
}

TEST(CallFaultsTest, WhatIsNotKnownForSureIsLeftAlone) {
  EXPECT_THAT(faults_of("@cached\ndef f(a):\n    return a\ndef main():\n    return f()\n"), IsEmpty());
  EXPECT_THAT(faults_of("def f(a):\n    return a\nf = 3\ndef main():\n    return f()\n"), IsEmpty());
  EXPECT_THAT(faults_of("def f(a):\n    return a\ndef main(f):\n    return f()\n"), IsEmpty());
  EXPECT_THAT(faults_of("def f(a):\n    return a\ndef main():\n    return f(\n"), IsEmpty());
}

TEST(CallFaultsTest, CallingItselfNeedsAnEnd) {
  EXPECT_THAT(faults_of("def main(n):\n    a = main(n)\n    return a\n"), ElementsAre("main() in main"));
  EXPECT_THAT(faults_of("def main(n):\n    return n * main(n - 1)\n"), ElementsAre("main() in main"));
  EXPECT_THAT(faults_of("def main(n):\n    for i in range(n):\n        main(n)\n"),
              ElementsAre("main() in main"));
  EXPECT_THAT(faults_of("def main(n):\n    if n < 2:\n        return n\n    return main(n - 1)\n"),
              IsEmpty());
  EXPECT_THAT(faults_of("def main(n):\n    return n if n < 2 else main(n - 1)\n"), IsEmpty());
  EXPECT_THAT(faults_of("def main(n):\n    f = lambda x: main(x)\n    return n\n"), IsEmpty());
}

TEST(CallFaultsTest, WhatReturnsNothingHasNoValue) {
  EXPECT_THAT(faults_with("w = nothing(1)"), ElementsAre("nothing() = None"));
  EXPECT_THAT(faults_with("w[nothing(1)] = plain(1, nothing(2))"), ElementsAre("nothing() = None"));
  EXPECT_THAT(faults_with("nothing(1)"), IsEmpty());
  EXPECT_THAT(
      faults_of("def gives(a):\n    yield a\ndef main():\n    for x in gives(1):\n        a = gives(x)\n"),
      IsEmpty());
}

TEST(CallFaultsTest, ListsAreNotDivided) {
  EXPECT_THAT(faults_with("w = pair(1) / 2"), ElementsAre("pair() = []"));
  EXPECT_THAT(faults_with("w = 3 - items(w)"), ElementsAre("items() = []"));
  for (const char* line :
       {"w = pair(1) + (2,)", "w = items(w)[0] / 2", "w = plain(1, 2) / 2", "w = 2 * items(w)"}) {
    EXPECT_THAT(faults_with(line), IsEmpty()) << line;
  }
}

TEST(CallFaultsTest, TheEntryMustBeThere) {
  EXPECT_THAT(faults_of("def other():\n    return 1\n"), ElementsAre("def main"));
  EXPECT_THAT(faults_of("main = lambda: 1\n"), IsEmpty());
}

TEST(CallFaultsTest, MethodsGetWhatTheParentGivesThem) {
  const CallHabits habits = call_habits(PythonProgram::parse(
      "def main(w):\n    w.tie(1, 2)\n    w.tie(1, 2, kind=3)\n    w.append(1)\n    w.put(*w)\n"
      "    w.pin(1, 2)\n    w.pin(3, 4)\n"));
  EXPECT_THAT(habits, ElementsAre(Pair("pin", MethodCalls{2, 2, 2}), Pair("tie", MethodCalls{2, 2, 3})));
  EXPECT_THAT(faults_of("def main(w):\n    w.tie(1)\n    w.pin(1, 2, 3)\n", habits),
              ElementsAre(".pin(3)", ".tie(1)"));
  EXPECT_THAT(
      faults_of("def main(w):\n    w.tie(1, 2, 3, 4)\n    w.tie(*w)\n    w.put()\n    w.pin(1, 2)\n", habits),
      IsEmpty());
}

TEST(CallFaultsTest, AnyTextWillDo) {
  for (const char* text : {"", "def f(", "def f(a):\n    return f((((", "def main(:\n'",
                           "def f(a):\n return \"\"\"\nf(1, '", "def ():\n    f(#", "def f(a)\n    f()"}) {
    faults_of(text);
    call_habits(PythonProgram::parse(text));
  }
}

/// Programs that people wrote and use: Python's own library, module by module. Some walk along trees in a
/// loop that ends where nothing is left.
TEST(CallFaultsTest, WorkingProgramsHaveNextToNone) {
  std::size_t modules = 0, faults = 0;
  for (const auto& file : std::filesystem::directory_iterator("/usr/lib/python3.11")) {
    if (file.path().extension() != ".py") continue;
    const Result<std::string> text = read_file(file.path());
    ASSERT_TRUE(text.ok());
    const PythonProgram program = PythonProgram::parse(*text);
    ++modules;
    for (const std::string& fault : call_faults(program, "main", call_habits(program))) {
      if (fault == "def main") continue;
      ++faults;
      EXPECT_THAT(fault, testing::HasSubstr("() in ")) << file.path();
    }
  }
  EXPECT_LE(faults, 4U);
  EXPECT_GT(modules, 100U);
}

}  // namespace
}  // namespace samara::diff
