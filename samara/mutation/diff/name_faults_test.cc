#include "samara/mutation/diff/name_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samara/mutation/diff/internal/python_test_corpus.h"

namespace samara::diff {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> faults_of(std::string_view source, std::vector<std::string> known = {}) {
  return name_faults(PythonProgram::parse(source, known));
}

TEST(NameFaultsTest, FindsNamesThatNothingBinds) {
  EXPECT_THAT(faults_of("def f(a):\n    b = a + c\n    return b + d\n"), ElementsAre("c", "d"));
  EXPECT_THAT(faults_of("def f():\n    w = creator()\n    return w\n", {"creator"}), IsEmpty());
}

TEST(NameFaultsTest, NamesOfOtherFunctionsAreOutOfSight) {
  EXPECT_THAT(faults_of("def f(a):\n    b = a\n    return b\ndef g():\n    return f(b)\n"), ElementsAre("b"));
  EXPECT_THAT(faults_of("k = 2\ndef f():\n    return k\n"), IsEmpty());
}

TEST(NameFaultsTest, EveryWayToBindCounts) {
  EXPECT_THAT(faults_of("import math\n"
                        "def f(a, *b, c=1, **d):\n"
                        "    (e, g) = h, i = a, c\n"
                        "    for j, k in enumerate(b):\n"
                        "        l = lambda m: m + j + k\n"
                        "    with open(d) as n:\n"
                        "        o: int = n\n"
                        "    if (p := o):\n"
                        "        q = [r for r in p if r]\n"
                        "    try:\n"
                        "        q[0] += e + g + h + i + l\n"
                        "    except ValueError as s:\n"
                        "        print(s, math.pi, sep='')\n"
                        "    return q\n"),
              IsEmpty());
}

TEST(NameFaultsTest, BuiltinFunctionsAreNoValues) {
  EXPECT_THAT(faults_of("def f(a):\n    return a + len\n"), ElementsAre("len()"));
  EXPECT_THAT(faults_of("def f(a):\n    return min[0]\n"), ElementsAre("min()"));
  EXPECT_THAT(faults_of("def f(a):\n    return sorted(map(abs, a), key=len), max (a), int\n"), IsEmpty());
  EXPECT_THAT(faults_of("def f(sum):\n    return sum + 1\n"), IsEmpty());
}

TEST(NameFaultsTest, ObjectsAreNoNumbers) {
  const auto of = [](const std::string& line) {
    return faults_of("def f(w, a):\n    w.add_joint(a, 1)\n    " + line + "\n    return w\n");
  };
  EXPECT_THAT(of("a = w + 1"), ElementsAre("w."));
  EXPECT_THAT(of("a = 1 - w"), ElementsAre("w."));
  EXPECT_THAT(of("a = w[0]"), ElementsAre("w."));
  EXPECT_THAT(of("w.add_muscle((a, 2), w)"), ElementsAre("w."));
  EXPECT_THAT(of("a = [w, f(w, 1), f(*w), w is None]"), IsEmpty());
  EXPECT_THAT(of("a.add_muscle(w)"), IsEmpty());
  EXPECT_THAT(of("a.w.add_muscle(f(w))"), IsEmpty());
  EXPECT_THAT(faults_of("def f(x):\n    x.append(1)\n    return x[0], x + x\n"), IsEmpty());
}

TEST(NameFaultsTest, LinesThatAreNoPythonHaveNone) {
  EXPECT_THAT(faults_of("def f(a):\n    x = = y\n    return x\n"), IsEmpty());
}

}  // namespace
}  // namespace samara::diff
