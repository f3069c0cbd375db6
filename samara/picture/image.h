// Images of a canvas: PNG and pixels (drawn by cairo) and SVG (written here, so that it has real text and
// tooltips). Read canvas.h first. The same canvas gives the same bytes; fonts decide how PNG text looks.
// Files are written whole or not at all. Safe to call from many threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/picture/canvas.h"

namespace samara::picture {

/// Pixels per point of the PNG files that save() writes: sharp on screens with small pixels.
inline constexpr double kPngScale = 2.0;

/// Pixels row by row from the top.
struct Pixels {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> bgrx;  ///< (height, width, 4): blue, green, red, unused
};

/// @param scale  pixels per point, above 0. Errors: kInvalidArgument when the picture is too large for cairo
/// (32,767 pixels a side).
Result<Pixels> to_pixels(const Canvas& canvas, double scale = 1.0);
/// A PNG file. Errors as for to_pixels().
Result<std::string> to_png(const Canvas& canvas, double scale = kPngScale);
/// A standalone SVG file.
std::string to_svg(const Canvas& canvas);

/// Writes PNG or SVG, whichever the file's name ends in. Errors: kInvalidArgument for any other ending, kIo.
Status save(const Canvas& canvas, const std::filesystem::path& path);

}  // namespace samara::picture
