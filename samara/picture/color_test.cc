#include "samara/picture/color.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace samara::picture {
namespace {

// Relative luminance (WCAG), which color blindness and gray printing leave almost alone.
double luminance(Color color) {
  const auto linear = [](int value) {
    const double x = value / 255.0;
    return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

// CIE lightness, 0 to 100.
double lightness(Color color) {
  return 116.0 * std::cbrt(luminance(color)) - 16.0;
}

TEST(ColorTest, GrayHasNoHueAndTheEndsAreBlackAndWhite) {
  EXPECT_EQ(from_oklch(0.0, 0.0, 0.0).hex(), "#000000");
  EXPECT_EQ(from_oklch(1.0, 0.0, 123.0).hex(), "#ffffff");
  const Color gray = from_oklch(0.6, 0.0, 77.0);
  EXPECT_EQ(gray.red, gray.green);
  EXPECT_EQ(gray.green, gray.blue);
}

TEST(ColorTest, ColorsOutsideTheGamutKeepTheirLightness) {
  const double gray = lightness(from_oklch(0.7, 0.0, 0.0));
  for (double hue = 0.0; hue < 360.0; hue += 15.0) {
    EXPECT_NEAR(lightness(from_oklch(0.7, 0.4, hue)), gray, 8.0) << "hue " << hue;
  }
}

TEST(ColorTest, HeatRisesInEvenStepsOfLightness) {
  constexpr int kSteps = 20;
  const double whole = lightness(heat_color(1.0)) - lightness(heat_color(0.0));
  for (int i = 0; i < kSteps; ++i) {
    const double step = lightness(heat_color((i + 1.0) / kSteps)) - lightness(heat_color(1.0 * i / kSteps));
    EXPECT_GT(step, 0.4 * whole / kSteps) << "step " << i;
    EXPECT_LT(step, 1.8 * whole / kSteps) << "step " << i;
  }
}

TEST(ColorTest, NoHeatLooksLikeAnEmptyNiche) {
  for (int i = 0; i <= 100; ++i) {
    const Color heat = heat_color(i / 100.0);
    const int distance = std::abs(heat.red - kEmptyNiche.red) + std::abs(heat.green - kEmptyNiche.green) +
                         std::abs(heat.blue - kEmptyNiche.blue);
    EXPECT_GT(distance, 90) << "at " << i << "%";
  }
}

TEST(ColorTest, PhasesAreACycle) {
  EXPECT_EQ(phase_color(0.0), phase_color(1.0));
  EXPECT_EQ(phase_color(-0.25), phase_color(0.75));
  EXPECT_NE(phase_color(0.0), phase_color(0.5));
}

TEST(ColorTest, NeighboringSeriesDifferInLightness) {
  for (std::size_t i = 0; i + 1 < kSeriesColors; ++i) {
    EXPECT_GT(std::fabs(lightness(series_color(i)) - lightness(series_color(i + 1))), 7.0) << "series " << i;
  }
}

}  // namespace
}  // namespace samara::picture
