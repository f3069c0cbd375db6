// Color: sRGB colors and the scales that pictures use. Read canvas.h next. Every scale is made here from a
// few control points in OKLCh (Ottosson, "A perceptual color space for image processing", 2020), where
// lightness is what the eye sees, so that equal steps of a value look equal and survive color blindness and
// gray printing. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace samara::picture {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  double opacity = 1.0;  ///< in [0, 1]

  Color with_opacity(double value) const { return {red, green, blue, value}; }
  /// "#1f77b4"; the opacity is not part of it.
  std::string hex() const;
  friend bool operator==(const Color&, const Color&) = default;
};

/// The sRGB color nearest to an OKLCh one: chroma is lowered until it fits the gamut.
/// @param lightness in [0, 1], @param chroma from 0 to about 0.3, @param hue in degrees
Color from_oklch(double lightness, double chroma, double hue);

/// Low to high in [0, 1], dark violet to light yellow. Lightness rises evenly.
Color heat_color(double share);

/// Colors of a cycle in turns, any real number: phases 0 and 1 are the same. Opposite phases differ in
/// lightness too.
Color phase_color(double turns);

/// The color of a chart's n-th series; they repeat after kSeriesColors.
inline constexpr std::size_t kSeriesColors = 7;
Color series_color(std::size_t index);

inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kInk{38, 43, 51};          ///< text, axes
inline constexpr Color kFaintInk{104, 112, 124};  ///< secondary text
inline constexpr Color kGridLine{222, 226, 231};
inline constexpr Color kEmptyNiche{238, 240, 243};  ///< no heat_color() is as gray

}  // namespace samara::picture
