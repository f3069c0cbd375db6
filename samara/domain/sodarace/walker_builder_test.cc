#include "samara/domain/sodarace/walker_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "samara/domain/sodarace/seeds.h"

namespace samara::sodarace {
namespace {

using ::testing::HasSubstr;

class WalkerBuilderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    PythonRunner::Options options;
    options.harnesses = {walker_harness()};
    auto runner = PythonRunner::start(options);
    ASSERT_TRUE(runner.ok()) << runner.error().message;
    runner_ = std::move(*runner);
  }
  static void TearDownTestSuite() { runner_.reset(); }

  static Build build(const std::string& source) {
    const Program program(source);
    const Program* programs[] = {&program};
    auto builds = build_walkers(*runner_, 0, programs);
    EXPECT_TRUE(builds.ok()) << builds.error().message;
    return (*builds)[0];
  }
  /// The body of make_walker(), between wc = walker_creator() and return wc.get_walker().
  static Build build_body(const std::string& lines) {
    std::string source = "def make_walker():\n    wc = walker_creator()\n";
    std::size_t begin = 0;
    while (begin < lines.size()) {
      const std::size_t end = std::min(lines.find('\n', begin), lines.size());
      source += fmt::format("    {}\n", lines.substr(begin, end - begin));
      begin = end + 1;
    }
    return build(source + "    return wc.get_walker()\n");
  }
  static Walker walker(const Build& built) {
    if (const auto* failure = std::get_if<Failure>(&built)) ADD_FAILURE() << failure->message;
    return std::holds_alternative<Walker>(built) ? std::get<Walker>(built) : Walker{};
  }
  static Failure failure(const Build& built) {
    EXPECT_TRUE(std::holds_alternative<Failure>(built));
    return std::holds_alternative<Failure>(built) ? std::get<Failure>(built) : Failure{};
  }
  static Walker seed(std::string_view name) {
    for (const Seed& s : seed_programs()) {
      if (s.name == name) return walker(build(s.source));
    }
    ADD_FAILURE() << "no seed " << name;
    return {};
  }

  static inline std::unique_ptr<PythonRunner> runner_;
};

const Muscle* muscle_between(const Walker& walker, std::uint32_t a, std::uint32_t b) {
  for (const Muscle& muscle : walker.muscles) {
    if (muscle.a == std::min(a, b) && muscle.b == std::max(a, b)) return &muscle;
  }
  return nullptr;
}

/// What the paper says of a muscle, under this project's limits.
Muscle active(std::uint32_t a, std::uint32_t b, float amplitude, float phase) {
  return {std::min(a, b), std::max(a, b), true, std::clamp(amplitude, -kMaxAmplitude, kMaxAmplitude),
          phase - std::floor(phase)};
}
Muscle passive(std::uint32_t a, std::uint32_t b) {
  return {std::min(a, b), std::max(a, b), false, 0.0f, 0.0f};
}

TEST_F(WalkerBuilderTest, SquareIsTheSquareOfThePaper) {
  const Walker square = seed("square");
  EXPECT_EQ(square.joints, (std::vector<Joint>{{0, 0}, {0, 10}, {10, 10}, {10, 0}, {5, 5}}));
  const Muscle expected[] = {passive(0, 1), passive(1, 2),      passive(2, 3),       passive(3, 0),
                             passive(3, 4), active(0, 4, 5, 0), active(1, 4, 10, 0), active(2, 4, 2, 0)};
  EXPECT_THAT(square.muscles, ::testing::UnorderedElementsAreArray(expected));
  // The paper prints 2.12 for all three amplitudes: the limit as a length.
  EXPECT_NEAR(square.muscles.back().amplitude * std::hypot(5.0, 5.0), 2.12, 0.005);
}

TEST_F(WalkerBuilderTest, RadialIsTheWheelOfThePaper) {
  const Walker radial = seed("radial");
  ASSERT_EQ(radial.joints.size(), 9u);
  EXPECT_EQ(radial.joints[8], (Joint{5, 5}));
  EXPECT_EQ(radial.muscles.size(), 16u);
  for (std::uint32_t k = 0; k < 8; ++k) {
    const double angle = std::atan2(radial.joints[k].y - 5.0, radial.joints[k].x - 5.0);
    EXPECT_NEAR(std::remainder(angle - k * std::atan(1.0), 8 * std::atan(1.0)), 0.0, 1e-3);
    EXPECT_NEAR(std::hypot(radial.joints[k].x - 5.0, radial.joints[k].y - 5.0), 5.0, 1e-3);
    const Muscle* rim = muscle_between(radial, k, (k + 1) % 8);
    const Muscle* spoke = muscle_between(radial, k, 8);
    ASSERT_TRUE(rim && spoke);
    EXPECT_EQ(*rim, passive(k, (k + 1) % 8));
    EXPECT_EQ(*spoke, active(k, 8, static_cast<float>(k) / 8, static_cast<float>(k) / 8));
  }
}

TEST_F(WalkerBuilderTest, CppnSeedsAreTheGridOfThePaper) {
  for (const char* name : {"cppn-fixed", "cppn-mutable"}) {
    const Walker cppn = seed(name);
    ASSERT_EQ(cppn.joints.size(), 24u) << name;
    std::size_t connected = 0;
    for (std::uint32_t b = 0; b < 24; ++b) {
      const int bx = static_cast<int>(b) / 3, by = static_cast<int>(b) % 3;
      EXPECT_EQ(cppn.joints[b], (Joint{1.5f * static_cast<float>(bx), 1.5f * static_cast<float>(by)}));
      for (std::uint32_t a = 0; a < b; ++a) {
        const int ax = static_cast<int>(a) / 3, ay = static_cast<int>(a) % 3;
        const int dx = bx - ax, dy = by - ay;
        const Muscle* muscle = muscle_between(cppn, a, b);
        EXPECT_EQ(muscle != nullptr, dx * dx + dy * dy <= 4.5) << name << ": " << a << ", " << b;
        if (!muscle) continue;
        ++connected;
        const auto amplitude = static_cast<float>(std::max(std::abs(dx), std::abs(dy)));
        const int sign_of_x1 = ax > 0;
        const int phase = std::string(name) == "cppn-fixed" ? sign_of_x1 : ax % 2 == 1 ? ax : -ax;
        EXPECT_EQ(*muscle, active(a, b, amplitude, static_cast<float>(phase)));
      }
    }
    EXPECT_EQ(cppn.muscles.size(), connected);
  }
}

TEST_F(WalkerBuilderTest, TheMutableEncodingIsPartOfTheProgram) {
  std::string source;
  for (const Seed& s : seed_programs()) {
    if (s.name == "cppn-mutable") source = s.source;
  }
  const std::string call = "wc.add_muscle(joint1, joint2, False, a, p)";
  const std::size_t at = source.find(call);
  ASSERT_NE(at, std::string::npos);
  source.replace(at, call.size(), "wc.add_muscle(joint1, joint2)");
  const Walker changed = walker(build(source));
  EXPECT_EQ(changed.muscles.size(), seed("cppn-mutable").muscles.size());
  for (const Muscle& muscle : changed.muscles) EXPECT_FALSE(muscle.active);
}

TEST_F(WalkerBuilderTest, MusclesArePassiveUnlessDistanceIsFalse) {
  const Walker built =
      walker(build_body("for x in range(4): wc.add_joint(x, 0)\n"
                        "wc.add_muscle(0, 1)\n"
                        "wc.add_muscle(1, 2, True, 0.2, 0.5)\n"
                        "wc.add_muscle(3, 2, distance=False, amplitude=0.25, phase=1.75)"));
  EXPECT_EQ(built.muscles, (std::vector<Muscle>{passive(0, 1), passive(1, 2), active(2, 3, 0.25f, 0.75f)}));
}

TEST_F(WalkerBuilderTest, AJointNearAnotherIsThatJoint) {
  const Walker built =
      walker(build_body("a = wc.add_joint(1, 1)\n"
                        "b = wc.add_joint(3, 1)\n"
                        "assert wc.add_joint(1.0625, 0.9375) == a\n"
                        "assert wc.add_joint(0.9375, 1.0625) == a\n"
                        "assert wc.add_joint(3, 1.125) == 2\n"
                        "wc.add_muscle(a, b)\n"
                        "wc.add_muscle(2, b)"));
  EXPECT_EQ(built.joints, (std::vector<Joint>{{1, 1}, {3, 1}, {3, 1.125f}}));
}

TEST_F(WalkerBuilderTest, ALaterMuscleReplacesAnEarlierOne) {
  const Walker built =
      walker(build_body("for x in range(3): wc.add_joint(x, 0)\n"
                        "wc.add_muscle(0, 1, False, 0.25, 0.5)\n"
                        "wc.add_muscle(1, 2)\n"
                        "wc.add_muscle(1, 1)\n"
                        "wc.add_muscle(1, 0)"));
  EXPECT_EQ(built.muscles, (std::vector<Muscle>{passive(0, 1), passive(1, 2)}));
}

TEST_F(WalkerBuilderTest, MusclesBeyondAJointsLimitAreLeftOut) {
  const Walker built =
      walker(build_body("hub = wc.add_joint(0, 0)\n"
                        "for k in range(100): wc.add_muscle(hub, wc.add_joint(k % 10 + 1, k // 10))"));
  EXPECT_EQ(built.muscles.size(), kMaxMusclesPerJoint);
  EXPECT_EQ(built.joints.size(), kMaxMusclesPerJoint + 1) << "the loose joints are not part of the body";
}

TEST_F(WalkerBuilderTest, MistakesAreClearErrors) {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {"wc.add_joint(float('nan'), 0)", "ValueError: add_joint: coordinate nan is not between -100 and 100"},
      {"wc.add_joint(0, -1e9)", "ValueError: add_joint: coordinate -1000000000.0 is not between"},
      {"wc.add_joint(0)", "TypeError"},
      {"wc.add_joint(None, 0)", "TypeError"},
      {"wc.add_joint(1j, 0)", "TypeError"},
      {"wc.add_joint(0, 0)\nwc.add_muscle(0, 1)",
       "IndexError: add_muscle: joint 1 does not exist; there are 1 joints"},
      {"wc.add_joint(0, 0)\nwc.add_muscle(-1, 0)", "IndexError: add_muscle: joint -1 does not exist"},
      {"wc.add_joint(0, 0)\nwc.add_muscle(0.0, 0)",
       "TypeError: 'float' object cannot be interpreted as an integer"},
      {"for x in range(2): wc.add_joint(x, 0)\nwc.add_muscle(0, 1, False, float('inf'))",
       "ValueError: add_muscle: the amplitude inf is not a finite number"},
      {"for x in range(2): wc.add_joint(x, 0)\nwc.add_muscle(0, 1, False, 1, float('nan'))",
       "ValueError: add_muscle: the phase nan is not a finite number"},
  };
  for (const auto& bad : cases) {
    const Failure why = failure(build_body(bad.body));
    EXPECT_EQ(why.outcome, Outcome::kRuntimeError) << bad.body;
    EXPECT_THAT(why.message, HasSubstr(bad.message));
  }
}

TEST_F(WalkerBuilderTest, RunawayLoopsEndByALimitLongBeforeTheTimeLimit) {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {"k = 0\nwhile True:\n    wc.add_joint(k % 100, k // 100)\n    k += 1",
       "add_joint: a walker has at most 256 joints"},
      {"while True: wc.add_joint(0, 0)", "more than 10000 joints and muscles were already there"},
      {"wc.add_joint(0, 0)\nwhile True: wc.add_muscle(0, 0)", "more than 10000"},
      {"for x in range(2): wc.add_joint(x, 0)\nwhile True: wc.add_muscle(0, 1)", "more than 10000"},
      {"for k in range(200): wc.add_joint(k % 100, k // 100)\n"
       "for a in range(200):\n    for b in range(a): wc.add_muscle(a, b)",
       "add_muscle: a walker has at most 1024 muscles"},
      {"query_cppn(wc, 10 ** 9, 10 ** 9, 1, None, None, None)", "add_joint:"},
      {"query_cppn(wc, 10 ** 9, 10 ** 9, 0, None, None, None)", "more than 10000"},
  };
  for (const auto& bad : cases) {
    const Failure why = failure(build_body(bad.body));
    EXPECT_EQ(why.outcome, Outcome::kRuntimeError) << bad.body;
    EXPECT_THAT(why.message, HasSubstr(bad.message)) << bad.body;
  }
}

TEST_F(WalkerBuilderTest, NumbersOfOtherTypesBecomeExactOnes) {
  const Walker built =
      walker(build("import fractions\n"
                   "class Odd(float):\n"
                   "    def __float__(self): return 2.5\n"
                   "    def __mul__(self, other): return Odd(7)\n"
                   "class Index:\n"
                   "    def __index__(self): return 1\n"
                   "def make_walker():\n"
                   "    wc = walker_creator()\n"
                   "    wc.add_joint(Odd(1), True)\n"
                   "    wc.add_joint(fractions.Fraction(1, 2), '-3')\n"
                   "    wc.add_muscle(False, Index(), 0, Odd(1), fractions.Fraction(5, 4))\n"
                   "    return wc.get_walker()\n"));
  EXPECT_EQ(built.joints, (std::vector<Joint>{{2.5f, 1}, {0.5f, -3}}));
  EXPECT_EQ(built.muscles, (std::vector<Muscle>{active(0, 1, 0.3f, 0.25f)}));
}

TEST_F(WalkerBuilderTest, WhatAProgramReturnsItselfIsCheckedToo) {
  const std::pair<const char*, const char*> cases[] = {
      {"return None", "the walker is None"},
      {"return walker_creator()", ""},
      {"return {'joints': [(0, 0), (0.01, 0)], 'muscles': []}", "joints 0 and 1 are 0.00"},
      {"return {'joints': [(0, 0), (1, 0)], 'muscles': [[0, 1, {'type': 'muscle', 'amplitude': 9.0, 'phase': "
       "0}]]}",
       "muscle 0: the amplitude is 9"},
      {"wc = walker_creator()\n    wc._joints.append((1e6, 0))\n    return wc.get_walker()",
       "joint 0: x is 1"},
      {"return walker_creator().get_walker()", "the walker has no joints"},
  };
  for (const auto& [body, message] : cases) {
    const Failure why = failure(build(std::string("def make_walker():\n    ") + body + "\n"));
    EXPECT_EQ(why.outcome, Outcome::kInvalidPhenotype) << body;
    EXPECT_THAT(why.message, HasSubstr(message)) << body;
  }
}

TEST_F(WalkerBuilderTest, TheInterfaceAndTheParserKeepTheSameTicks) {
  const Walker built = walker(
      build_body("points = [(k * 0.37 - 40, (k * 7919 % 1000) / 77) for k in range(200)]\n"
                 "for x, y in points: wc.add_joint(x, y)\n"
                 "for k in range(len(wc._joints) - 1): wc.add_muscle(k, k + 1, False, k / 1000, k / 7)"));
  const Walker direct =
      walker(build("def make_walker():\n"
                   "    points = [(k * 0.37 - 40, (k * 7919 % 1000) / 77) for k in range(200)]\n"
                   "    return {'joints': points, 'muscles': [[k, k + 1, {'type': 'muscle', 'amplitude': "
                   "min(k / 1000, 0.3), 'phase': k / 7}] for k in range(199)]}\n"));
  EXPECT_EQ(built, direct);
}

}  // namespace
}  // namespace samara::sodarace
