// Axes with ticks and titles, as heat maps and charts draw them. Not for other modules.
#pragma once

#include <string>

#include "samara/picture/canvas.h"
#include "samara/picture/scale.h"

namespace samara::picture::internal {

struct AxisLook {
  std::string title;  ///< empty: none
  int ticks = 5;      ///< about
  bool labels = true;
  bool grid = false;  ///< lines across the plot at the ticks
};

inline constexpr double kLabelSize = 11.0;
inline constexpr double kTickLength = 4.0;
/// Height below a plot that the labels and the title of its x axis take.
inline constexpr double kXLabelsHeight = 18.0;
inline constexpr double kAxisTitleHeight = 20.0;

/// Draws the axis along the lower edge of the plot; the scale goes from its left to its right edge.
void draw_x_axis(Canvas& canvas, const Rect& plot, const Scale& scale, const AxisLook& look);
/// Draws the axis along the left edge of the plot; the scale goes from its lower to its upper edge.
void draw_y_axis(Canvas& canvas, const Rect& plot, const Scale& scale, const AxisLook& look);
/// Width that draw_y_axis() takes left of the plot.
double y_axis_width(const Scale& scale, const AxisLook& look);

/// Title and caption at the upper left of a picture; returns the height they take.
double draw_header(Canvas& canvas, double margin, const std::string& title, const std::string& caption);
double header_height(const std::string& title, const std::string& caption);

/// "name (unit)", or the name alone.
std::string name_with_unit(const std::string& name, const std::string& unit);

}  // namespace samara::picture::internal
