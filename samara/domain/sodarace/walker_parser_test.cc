#include "samara/domain/sodarace/walker_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace samara::sodarace {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string msgpack(const json& value) {
  const std::vector<std::uint8_t> bytes = json::to_msgpack(value);
  return {bytes.begin(), bytes.end()};
}

Result<Walker> parse(const json& value) {
  return parse_walker(msgpack(value));
}

/// The message that parse_walker refuses the value with; empty when it does not.
std::string refusal(const json& value) {
  const Result<Walker> walker = parse(value);
  if (walker.ok()) return "";
  EXPECT_EQ(walker.error().code, ErrorCode::kInvalidData);
  return walker.error().message;
}

json distance() {
  return {{"type", "distance"}};
}
json oscillating(const json& amplitude, const json& phase) {
  return {{"type", "muscle"}, {"amplitude", amplitude}, {"phase", phase}};
}
json triangle() {
  return {{"joints", {{0, 0}, {2, 0}, {1, 1.5}}},
          {"muscles", {{0, 1, distance()}, {1, 2, distance()}, {2, 0, oscillating(0.25, 0.5)}}}};
}
json with(const char* pointer, const json& value) {
  json walker = triangle();
  walker[json::json_pointer(pointer)] = value;
  return walker;
}
/// `count` joints in a row, one unit apart, each tied to the next.
json chain(std::size_t count) {
  json walker = {{"joints", json::array()}, {"muscles", json::array()}};
  for (std::size_t i = 0; i < count; ++i) {
    walker["joints"].push_back({static_cast<double>(i % 100), static_cast<double>(i / 100)});
    if (i > 0) walker["muscles"].push_back({i - 1, i, distance()});
  }
  return walker;
}

TEST(WalkerParserTest, ReadsJointsAndMuscles) {
  const Result<Walker> walker = parse(triangle());
  ASSERT_TRUE(walker.ok()) << walker.error().message;
  EXPECT_EQ(walker->joints, (std::vector<Joint>{{0, 0}, {2, 0}, {1, 1.5f}}));
  EXPECT_EQ(walker->muscles,
            (std::vector<Muscle>{{0, 1, false, 0, 0}, {1, 2, false, 0, 0}, {0, 2, true, 0.25f, 0.5f}}));
}

TEST(WalkerParserTest, ReadsEveryWidthOfNumber) {
  for (const double x : {-0.5, 7.0, -3.0, 99.0, -100.0}) {
    const Result<Walker> walker = parse(with("/joints/2/0", x));
    ASSERT_TRUE(walker.ok()) << x;
    EXPECT_EQ(walker->joints[2].x, static_cast<float>(x));
  }
  json many = chain(200);
  many["muscles"][198][1] = 0;  // a ring up to joint 198; joint 199 is loose
  const Result<Walker> walker = parse(many);
  ASSERT_TRUE(walker.ok()) << walker.error().message;
  EXPECT_EQ(walker->joints.size(), 199u);
  EXPECT_EQ(walker->muscles[198].a, 0u);
  EXPECT_EQ(walker->muscles[198].b, 198u);
}

TEST(WalkerParserTest, NamesThePlaceOfWhatItRefuses) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const struct {
    json walker;
    const char* message;
  } cases[] = {
      {nullptr, "the walker is None; a dict with joints and muscles was expected"},
      {json::array({1, 2}), "the walker is a list"},
      {"a walker", "the walker is a str"},
      {{{"joints", {{0, 0}}}}, "the walker has no \"muscles\""},
      {{{"muscles", json::array()}}, "the walker has no \"joints\""},
      {with("/tail", 1), "keys are not exactly \"joints\" and \"muscles\""},
      {with("/joints", 3), "joints are an int; a list was expected"},
      {with("/joints/1", {1.0, 2.0, 3.0}), "joint 1: a pair of numbers was expected"},
      {with("/joints/1", 7), "joint 1: a pair of numbers was expected"},
      {with("/joints/1/0", "2"), "joint 1: x is a str; a number was expected"},
      {with("/joints/1/1", true), "joint 1: y is a bool; a number was expected"},
      {with("/joints/1/1", nan), "joint 1: y is nan; it must be between -100 and 100"},
      {with("/joints/1/1", -infinity), "joint 1: y is -inf; it must be between -100 and 100"},
      {with("/joints/2/0", 100.25), "joint 2: x is 100.25; it must be between -100 and 100"},
      {with("/joints/2/0", 1e300), "joint 2: x is 1e+300"},
      {with("/joints/2", {2.05, 0.05}), "joints 1 and 2 are 0.07"},
      {with("/joints/2", {2, 0}), "joints 1 and 2 are 0 apart; at least 0.1 is required"},
      {with("/joints", json::array()), "the walker has no joints"},
      {chain(kMaxJoints + 1), "the walker has 257 joints; at most 256 are allowed"},
      {with("/muscles", nullptr), "muscles are None; a list was expected"},
      {with("/muscles", json(kMaxMuscles + 1, json())),
       "the walker has 1025 muscles; at most 1024 are allowed"},
      {with("/muscles/1", {1, 2}), "muscle 1: a list of two joints and a dict was expected"},
      {with("/muscles/1/0", 1.0), "muscle 1: a joint's index is a float; an int was expected"},
      {with("/muscles/1/0", false), "muscle 1: a joint's index is a bool"},
      {with("/muscles/1/0", -1), "muscle 1: joint -1 does not exist"},
      {with("/muscles/1/1", 3), "muscle 1: joint 3 does not exist; the walker has 3 joints"},
      {with("/muscles/1/1", 1ull << 63), "muscle 1: a joint's index is an int"},
      {with("/muscles/1/1", 1ll << 40), "muscle 1: joint 1099511627776 does not exist"},
      {with("/muscles/1/1", 1), "muscle 1: it ties joint 1 to itself"},
      {with("/muscles/1", {1, 0, distance()}), "joints 0 and 1 are tied twice"},
      {with("/muscles/1/2", 4), "muscle 1: the third element is an int; a dict was expected"},
      {with("/muscles/1/2", json::object()), "muscle 1: it has no \"type\""},
      {with("/muscles/1/2/type", "rubber"), "muscle 1: the type is neither \"distance\" nor \"muscle\""},
      {with("/muscles/1/2/type", 1), "muscle 1: the type is neither \"distance\" nor \"muscle\""},
      {with("/muscles/1/2/color", 1), "muscle 1: a key is none of \"type\", \"amplitude\" and \"phase\""},
      {with("/muscles/2/2/amplitude", nullptr), "muscle 2: the amplitude is None; a number was expected"},
      {with("/muscles/2/2/amplitude", 0.31),
       "muscle 2: the amplitude is 0.31; it must be between -0.3 and 0.3"},
      {with("/muscles/2/2/amplitude", -1e300), "muscle 2: the amplitude is -1e+300"},
      {with("/muscles/2/2/amplitude", nan), "muscle 2: the amplitude is nan"},
      {with("/muscles/2/2/phase", infinity), "muscle 2: the phase is inf; it must be finite"},
      {with("/muscles/2/2/phase", "0"), "muscle 2: the phase is a str; a number was expected"},
  };
  for (const auto& bad : cases) EXPECT_THAT(refusal(bad.walker), HasSubstr(bad.message));
}

TEST(WalkerParserTest, BoundsTheMusclesOfOneJoint) {
  json star = {{"joints", {{0, 0}}}, {"muscles", json::array()}};
  for (std::size_t k = 1; k <= kMaxMusclesPerJoint; ++k) {
    star["joints"].push_back({static_cast<double>(k), 1.0});
    star["muscles"].push_back({0, k, distance()});
  }
  EXPECT_EQ(refusal(star), "");
  star["joints"].push_back({50.0, 3.0});
  star["muscles"].push_back({kMaxMusclesPerJoint + 1, 0, distance()});
  EXPECT_EQ(refusal(star), "muscle 64: joint 0 has more than 64 muscles");
}

TEST(WalkerParserTest, RefusesDataThatEndsEarlyOrGoesOn) {
  const std::string whole = msgpack(triangle());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_walker(std::string_view(whole).substr(0, size)).ok()) << size;
  }
  const Result<Walker> longer = parse_walker(whole + '\x01');
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(longer.error().message, "an int follows the walker");
}

TEST(WalkerParserTest, AHugeCountIsRefusedBeforeAnythingIsAllocated) {
  const std::string bytes("\x82\xa6joints\xdd\xff\xff\xff\xff", 13);
  const Result<Walker> walker = parse_walker(bytes);
  ASSERT_FALSE(walker.ok());
  EXPECT_EQ(walker.error().message, "the walker has 4294967295 joints; at most 256 are allowed");
}

TEST(WalkerParserTest, CoordinatesAreWholeTicks) {
  const Result<Walker> walker = parse(with("/joints/2/0", 1.0 / 3.0));
  ASSERT_TRUE(walker.ok());
  EXPECT_EQ(walker->joints[2].x, 341.0f / 1024.0f);
}

TEST(WalkerParserTest, ShiftingAWalkerKeepsItsShape) {
  json moved = triangle();
  for (json& joint : moved["joints"])
    joint = {joint[0].get<double>() - 71.625, joint[1].get<double>() + 33.0};
  const Result<Walker> a = parse(triangle());
  const Result<Walker> b = parse(moved);
  ASSERT_TRUE(a.ok() && b.ok());
  for (std::size_t i = 0; i < a->joints.size(); ++i) {
    EXPECT_EQ(b->joints[i].x - b->joints[0].x, a->joints[i].x - a->joints[0].x);
    EXPECT_EQ(b->joints[i].y - b->joints[0].y, a->joints[i].y - a->joints[0].y);
  }
}

TEST(WalkerParserTest, PhasesAreWrappedIntoOneTurn) {
  const std::pair<double, float> cases[] = {{0.25, 0.25f},     {1.25, 0.25f}, {-0.25, 0.75f},
                                            {-3.0, 0.0f},      {7.0, 0.0f},   {-1e-18, 0.0f},
                                            {0.9999999, 0.0f}, {1e300, 0.0f}, {0.1, 102.0f / 1024.0f}};
  for (const auto& [given, kept] : cases) {
    const Result<Walker> walker = parse(with("/muscles/2/2/phase", given));
    ASSERT_TRUE(walker.ok()) << given;
    EXPECT_EQ(walker->muscles[2].phase, kept) << given;
  }
}

TEST(WalkerParserTest, PassiveMusclesHaveNeitherAmplitudeNorPhase) {
  const Result<Walker> walker = parse(with("/muscles/2/2/type", "distance"));
  ASSERT_TRUE(walker.ok());
  EXPECT_EQ(walker->muscles[2], (Muscle{0, 2, false, 0.0f, 0.0f}));
}

TEST(WalkerParserTest, TheLargestAmplitudeIsAllowedInBothDirections) {
  for (const double amplitude : {0.3, -0.3, double{kMaxAmplitude}}) {
    const Result<Walker> walker = parse(with("/muscles/2/2/amplitude", amplitude));
    ASSERT_TRUE(walker.ok()) << amplitude;
    EXPECT_EQ(std::abs(walker->muscles[2].amplitude), kMaxAmplitude);
  }
}

TEST(WalkerParserTest, OnlyTheLargestConnectedPieceIsKept) {
  // Joints 0 and 3 are a pair; 1, 2 and 4 are a chain; 5 is alone.
  const json parts = {{"joints", {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}},
                      {"muscles", {{3, 0, distance()}, {4, 1, distance()}, {2, 1, oscillating(0.1, 0.0)}}}};
  const Result<Walker> walker = parse(parts);
  ASSERT_TRUE(walker.ok()) << walker.error().message;
  EXPECT_EQ(walker->joints, (std::vector<Joint>{{1, 0}, {2, 0}, {4, 0}}));
  EXPECT_EQ(walker->muscles, (std::vector<Muscle>{{0, 2, false, 0, 0}, {0, 1, true, 0.1f, 0}}));
}

TEST(WalkerParserTest, AmongEquallyLargePiecesTheEarliestIsKept) {
  const json parts = {{"joints", {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}}},
                      {"muscles", {{4, 2, distance()}, {3, 1, distance()}}}};
  const Result<Walker> walker = parse(parts);
  ASSERT_TRUE(walker.ok());
  EXPECT_EQ(walker->joints, (std::vector<Joint>{{1, 0}, {3, 0}}));
}

TEST(WalkerParserTest, ASingleJointIsAWalker) {
  const Result<Walker> walker = parse({{"joints", {{3, 4}}}, {"muscles", json::array()}});
  ASSERT_TRUE(walker.ok());
  EXPECT_EQ(walker->joints, (std::vector<Joint>{{3, 4}}));
}

TEST(WalkerParserTest, JsonTextGoesThroughTheSameChecks) {
  const Result<Walker> walker = parse_walker_json(triangle().dump());
  ASSERT_TRUE(walker.ok());
  EXPECT_EQ(*walker, *parse(triangle()));
  EXPECT_EQ(parse_walker_json(with("/muscles/1/1", 3).dump()).error().message,
            "muscle 1: joint 3 does not exist; the walker has 3 joints");
  EXPECT_EQ(parse_walker_json("{\"joints\": [[1e999, 0]]}").error().message, "the walker is not valid JSON");
  EXPECT_EQ(parse_walker_json("{\"joints\"").error().message, "the walker is not valid JSON");
}

TEST(WalkerParserTest, DeeplyNestedJsonIsRefused) {
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(parse_walker_json(deep + std::string(1'000'000, ']')).ok());
  EXPECT_FALSE(parse_walker_json("{\"joints\": " + deep + std::string(1'000'000, ']') + "}").ok());
}

/// Any walker that keeps the rules.
rc::Gen<Walker> any_walker() {
  return rc::gen::exec([] {
    Walker walker;
    const auto columns = *rc::gen::inRange(1, 9);
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
    const auto tick = [](int from, int to) {
      return static_cast<float>(*rc::gen::inRange(from, to)) / kTicksPerUnit;
    };
    for (std::size_t i = 0; i < count; ++i) {  // a grid, shaken by less than the minimum distance allows
      const auto cell = static_cast<int>(i);
      walker.joints.push_back({static_cast<float>(cell % columns) + tick(0, 900),
                               static_cast<float>(cell / columns) + tick(-400, 400)});
      if (i > 0) {
        Muscle muscle{static_cast<std::uint32_t>(*rc::gen::inRange<std::size_t>(0, i)),
                      static_cast<std::uint32_t>(i), *rc::gen::arbitrary<bool>(), 0.0f, 0.0f};
        if (muscle.active) {
          muscle.amplitude = kMaxAmplitude * static_cast<float>(*rc::gen::inRange(-1000, 1001)) / 1000.0f;
          muscle.phase = tick(0, kTicksPerTurn);
        }
        walker.muscles.push_back(muscle);
      }
    }
    return walker;
  });
}

RC_GTEST_PROP(WalkerParserProperty, JsonTextMakesTheSameWalkerAgain, ()) {
  const Walker walker = *any_walker();
  const Result<Walker> again = parse_walker_json(walker_json(walker));
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == walker);
}

RC_GTEST_PROP(WalkerParserProperty, DamagedBytesNeverMakeAWalkerThatBreaksTheRules, ()) {
  const Walker walker = *any_walker();
  std::string bytes = msgpack(json::parse(walker_json(walker)));
  const auto damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages; ++i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  }
  const Result<Walker> damaged = parse_walker(bytes);
  if (!damaged.ok()) {
    RC_ASSERT(!damaged.error().message.empty());
    return;
  }
  for (const Joint& joint : damaged->joints) {
    RC_ASSERT(std::abs(joint.x) <= kMaxCoordinate && std::abs(joint.y) <= kMaxCoordinate);
  }
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const Muscle& muscle : damaged->muscles) {
    RC_ASSERT(muscle.a < muscle.b && muscle.b < damaged->joints.size());
    RC_ASSERT(std::abs(muscle.amplitude) <= kMaxAmplitude);
    RC_ASSERT(muscle.phase >= 0.0f && muscle.phase < 1.0f);
    RC_ASSERT(pairs.emplace(muscle.a, muscle.b).second);
  }
}

RC_GTEST_PROP(WalkerParserProperty, AssemblingTwiceChangesNothing, ()) {
  Walker walker = *any_walker();
  walker.muscles.resize(walker.muscles.size() / 2);
  const Result<Walker> once = assemble_walker(walker);
  RC_ASSERT(once.ok());
  const Result<Walker> twice = assemble_walker(*once);
  RC_ASSERT(twice.ok());
  RC_ASSERT(*twice == *once);
}

}  // namespace
}  // namespace samara::sodarace
