#include "samara/picture/color.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace samara::picture {
namespace {

struct LinearRgb {
  double red, green, blue;
  bool in_gamut() const {
    constexpr double kSlack = 1e-4;
    return std::min({red, green, blue}) >= -kSlack && std::max({red, green, blue}) <= 1.0 + kSlack;
  }
};

// OKLab to linear sRGB, the matrices of Ottosson's article.
LinearRgb linear_rgb(double lightness, double chroma, double hue) {
  const double radians = hue * std::numbers::pi / 180.0;
  const double a = chroma * std::cos(radians);
  const double b = chroma * std::sin(radians);
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

// The transfer function of sRGB (IEC 61966-2-1).
std::uint8_t encode_channel(double linear) {
  const double x = std::clamp(linear, 0.0, 1.0);
  const double encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1.0 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255.0 * encoded));
}

// A Catmull-Rom curve through values at equal distances.
template <std::size_t N>
double interpolate(const std::array<double, N>& values, double share) {
  const double place = share * (N - 1);
  const std::size_t i = std::min(static_cast<std::size_t>(place), N - 2);
  const double t = place - static_cast<double>(i);
  const double p0 = i == 0 ? 2.0 * values[0] - values[1] : values[i - 1];
  const double p1 = values[i];
  const double p2 = values[i + 1];
  const double p3 = i + 2 == N ? 2.0 * values[N - 1] - values[N - 2] : values[i + 2];
  return p1 +
         0.5 * t * (p2 - p0 + t * (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3 + t * (3.0 * (p1 - p2) + p3 - p0)));
}

}  // namespace

std::string Color::hex() const {
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

Color from_oklch(double lightness, double chroma, double hue) {
  LinearRgb rgb = linear_rgb(lightness, chroma, hue);
  for (double share = 0.98; !rgb.in_gamut() && share > 0.0; share -= 0.02) {
    rgb = linear_rgb(lightness, share * chroma, hue);
  }
  return {encode_channel(rgb.red), encode_channel(rgb.green), encode_channel(rgb.blue)};
}

Color heat_color(double share) {
  // Lightness is a straight line; chroma and hue pass through violet, blue, teal, green and yellow.
  static constexpr std::array kChroma{0.12, 0.14, 0.10, 0.15, 0.17};
  static constexpr std::array kHue{302.0, 264.0, 200.0, 150.0, 105.0};
  const double t = std::clamp(share, 0.0, 1.0);
  return from_oklch(0.27 + 0.66 * t, interpolate(kChroma, t), interpolate(kHue, t));
}

Color phase_color(double turns) {
  const double angle = turns - std::floor(turns);
  return from_oklch(0.63 + 0.13 * std::cos(2.0 * std::numbers::pi * angle), 0.17, 65.0 + 360.0 * angle);
}

Color series_color(std::size_t index) {
  struct Lch {
    double lightness, chroma, hue;
  };
  // Neighbors differ in lightness as well as in hue.
  static constexpr std::array<Lch, kSeriesColors> kColors{{{0.47, 0.16, 262.0},
                                                           {0.70, 0.16, 58.0},
                                                           {0.57, 0.12, 170.0},
                                                           {0.50, 0.19, 18.0},
                                                           {0.75, 0.10, 230.0},
                                                           {0.42, 0.15, 325.0},
                                                           {0.62, 0.13, 110.0}}};
  const Lch& color = kColors[index % kSeriesColors];
  return from_oklch(color.lightness, color.chroma, color.hue);
}

}  // namespace samara::picture
