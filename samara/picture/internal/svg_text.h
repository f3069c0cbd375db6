// Pieces of SVG that pictures still and moving share. Not for other modules.
#pragma once

#include <string>
#include <string_view>

#include "samara/picture/canvas.h"

namespace samara::picture::internal {

/// The number with at most two decimals and no trailing zeros: "12.5", "-3", "0".
std::string svg_number(double value);
/// Text with XML's special characters escaped and control characters left out.
std::string svg_escape(std::string_view text);
/// The opening tag, with the font and line ends that all shapes share, and the background.
std::string svg_begin(const Canvas& canvas);
/// The shapes of the canvas as elements, one a line.
std::string svg_shapes(const Canvas& canvas);

}  // namespace samara::picture::internal
