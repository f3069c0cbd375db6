#include "samara/picture/scale.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

namespace samara::picture {
namespace {

std::vector<std::string> labels(const Scale& scale, int about) {
  std::vector<std::string> texts;
  for (const Tick& tick : scale.ticks(about)) texts.push_back(tick.label);
  return texts;
}

using Labels = std::vector<std::string>;

TEST(ScaleTest, TicksAreRound) {
  EXPECT_EQ(labels(Scale(0, 24, 0, 1), 5), (Labels{"0", "5", "10", "15", "20"}));
  EXPECT_EQ(labels(Scale(0, 1, 0, 1), 5), (Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels(Scale(-3, 3, 0, 1), 3), (Labels{"-2", "0", "2"}));
  EXPECT_EQ(labels(Scale(0, 102400, 0, 1), 5),
            (Labels{"0", "20,000", "40,000", "60,000", "80,000", "100,000"}));
}

TEST(ScaleTest, LogarithmicTicksArePowersOfTen) {
  EXPECT_EQ(labels(Scale(0.001, 1000, 0, 1, Scale::Kind::kLogarithmic), 7),
            (Labels{"0.001", "0.01", "0.1", "1", "10", "100", "1,000"}));
  EXPECT_EQ(labels(Scale(1, 100, 0, 1, Scale::Kind::kLogarithmic), 8),
            (Labels{"1", "2", "5", "10", "20", "50", "100"}));
}

TEST(ScaleTest, LogarithmicPlacesAreProportionalToRatios) {
  const Scale scale(1, 100, 0, 200, Scale::Kind::kLogarithmic);
  EXPECT_DOUBLE_EQ(scale(1), 0);
  EXPECT_DOUBLE_EQ(scale(10), 100);
  EXPECT_DOUBLE_EQ(scale(100), 200);
}

TEST(ScaleTest, ValuesOutsideMoveToTheEnds) {
  const Scale scale(0, 10, 100, 0);
  EXPECT_EQ(scale(-5), 100);
  EXPECT_EQ(scale(15), 0);
}

TEST(ScaleTest, AnEmptyRangeIsWidenedAroundItsValue) {
  for (const double value : {0.0, 7.0, -3.0}) {
    const Scale scale(value, value, 0, 1);
    EXPECT_LT(scale.low(), value);
    EXPECT_GT(scale.high(), value);
    EXPECT_DOUBLE_EQ(scale(value), 0.5);
  }
}

TEST(ScaleTest, NumbersReadWell) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(12.3456), "12.35");
  EXPECT_EQ(number_text(1728), "1,728");
  EXPECT_EQ(number_text(-1234567.8), "-1,234,568");
  EXPECT_EQ(number_text(0.25), "0.25");
}

RC_GTEST_PROP(ScaleProperty, TicksLieInsideAndAreAboutAsManyAsAskedFor, ()) {
  const double low = *rc::gen::inRange(-1'000'000, 1'000'000) / 100.0;
  const double high = low + *rc::gen::inRange(1, 1'000'000) / 100.0;
  const int about = *rc::gen::inRange(3, 10);
  const std::vector<Tick> ticks = Scale(low, high, 0, 1).ticks(about);
  RC_ASSERT(ticks.size() >= 1u);
  RC_ASSERT(2 * static_cast<int>(ticks.size()) <= 3 * about + 2);
  std::set<std::string> texts;
  for (const Tick& tick : ticks) {
    RC_ASSERT(tick.value >= low - 1e-6 && tick.value <= high + 1e-6);
    RC_ASSERT(texts.insert(tick.label).second);
  }
}

RC_GTEST_PROP(ScaleProperty, WidenedScalesEndInTicks, ()) {
  const double low = *rc::gen::inRange(-10'000, 10'000) / 10.0;
  const double high = low + *rc::gen::inRange(1, 10'000) / 10.0;
  const Scale scale = Scale(low, high, 0, 1).widened(6);
  const std::vector<Tick> ticks = scale.ticks(6);
  RC_ASSERT(scale.low() <= low + 1e-9 && scale.high() >= high - 1e-9);
  RC_ASSERT(std::fabs(ticks.front().value - scale.low()) < 1e-6);
  RC_ASSERT(std::fabs(ticks.back().value - scale.high()) < 1e-6);
}

}  // namespace
}  // namespace samara::picture
