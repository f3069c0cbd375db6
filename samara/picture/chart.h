// Charts: lines over a common x axis, with intervals and markers; for the curves of a run, of training and of
// the bug-fixing benchmark alike. Read image.h after. The same chart gives the same picture. Pure: safe to
// call from many threads.
#pragma once

#include <string>
#include <vector>

#include "samara/picture/canvas.h"
#include "samara/picture/scale.h"

namespace samara::picture {

struct ChartPoint {
  double x = 0.0;
  double y = 0.0;
  /// An interval around y, drawn as a band (or as a bar at a marker); low > high: none.
  double low = 1.0;
  double high = 0.0;
};

struct ChartSeries {
  std::string name;                ///< in the legend
  std::vector<ChartPoint> points;  ///< x ascending; points with a NaN are gaps
  bool line = true;
  bool markers = false;
};

struct Chart {
  std::string title;
  std::string caption;
  std::string x_title;
  std::string y_title;
  std::vector<ChartSeries> series;
  Scale::Kind x_scale = Scale::Kind::kLinear;
  Scale::Kind y_scale = Scale::Kind::kLinear;  ///< logarithmic: values that are not positive are gaps
  bool y_from_zero = true;                     ///< a linear y axis includes 0
  bool whole_x = false;                        ///< x counts something: ticks at whole numbers only
  double width = 560.0;                        ///< of the plot, in points; axes and legend come on top
  double height = 300.0;
};

Canvas draw_chart(const Chart& chart);

/// Charts below each other, as one picture.
Canvas draw_charts(const std::vector<Chart>& charts);

}  // namespace samara::picture
