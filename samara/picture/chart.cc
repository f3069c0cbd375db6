#include "samara/picture/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "samara/base/check.h"
#include "samara/picture/internal/axes.h"

namespace samara::picture {
namespace {

using internal::AxisLook;

constexpr double kMargin = 22.0;
constexpr double kLegendGap = 18.0;
constexpr double kLegendLine = 22.0;  // length of a sample line
constexpr double kLegendRow = 20.0;
constexpr TextStyle kLegendStyle{12.0, kInk};

bool has_interval(const ChartPoint& point) {
  return point.low <= point.high;
}

class Painter {
 public:
  explicit Painter(const Chart& chart)
      : chart_(chart),
        x_look_{chart.x_title, 6},
        y_look_{chart.y_title, 6, true, true},
        unplaced_x_(range(&Painter::spread_x, chart.x_scale, false)),
        unplaced_y_(range(&Painter::spread_y, chart.y_scale, chart.y_from_zero).widened(y_look_.ticks)) {
    if (!chart.whole_x) return;
    const double steps = unplaced_x_.high() - unplaced_x_.low();  // at most so many ticks are whole
    x_look_.ticks = static_cast<int>(std::clamp(steps, 1.0, static_cast<double>(x_look_.ticks)));
  }

  double axis_width() const { return internal::y_axis_width(unplaced_y_, y_look_); }

  /// @param axis_width  room for the y axis, at least axis_width()
  Canvas draw(double axis_width) {
    double legend = 0.0;
    for (const ChartSeries& series : chart_.series) {
      legend = std::max(legend, kLegendGap + kLegendLine + 8.0 + text_width(series.name, kLegendStyle));
    }
    const double header = internal::header_height(chart_.title, chart_.caption);
    const Rect plot{kMargin + axis_width, kMargin + header, chart_.width, chart_.height};
    Canvas canvas(plot.right() + legend + kMargin,
                  plot.bottom() + internal::kXLabelsHeight +
                      (chart_.x_title.empty() ? 0.0 : internal::kAxisTitleHeight) + kMargin);
    internal::draw_header(canvas, kMargin, chart_.title, chart_.caption);
    const Scale x(unplaced_x_.low(), unplaced_x_.high(), plot.x, plot.right(), chart_.x_scale);
    const Scale y(unplaced_y_.low(), unplaced_y_.high(), plot.bottom(), plot.y, chart_.y_scale);
    internal::draw_y_axis(canvas, plot, y, y_look_);
    internal::draw_x_axis(canvas, plot, x, x_look_);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw_intervals(canvas, i, x, y);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw_line(canvas, i, x, y);
    draw_legend(canvas, {plot.right() + kLegendGap, plot.y + 8.0});
    return canvas;
  }

 private:
  struct Spread {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void add(double value) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  };

  static bool fits(double value, Scale::Kind kind) {
    return std::isfinite(value) && (kind == Scale::Kind::kLinear || value > 0.0);
  }

  bool drawable(const ChartPoint& point) const {
    return fits(point.x, chart_.x_scale) && fits(point.y, chart_.y_scale);
  }

  static void spread_x(const ChartPoint& point, Spread& spread) { spread.add(point.x); }
  static void spread_y(const ChartPoint& point, Spread& spread) {
    spread.add(point.y);
    if (has_interval(point)) {
      spread.add(point.low);
      spread.add(point.high);
    }
  }

  // The x axis has room for the gaps, too: what is missing at an end is seen to be missing.
  Scale range(void (*collect)(const ChartPoint&, Spread&), Scale::Kind kind, bool from_zero) const {
    Spread spread;
    for (const ChartSeries& series : chart_.series) {
      for (const ChartPoint& point : series.points) {
        if (drawable(point) || (collect == &Painter::spread_x && fits(point.x, kind))) collect(point, spread);
      }
    }
    if (spread.low > spread.high) spread = {0.0, 1.0};
    if (from_zero && kind == Scale::Kind::kLinear) spread.add(0.0);
    return {spread.low, spread.high, 0.0, 1.0, kind};
  }

  // Series that share a color differ in their dashes.
  static Stroke stroke_of(std::size_t index) {
    std::vector<double> dash;
    if (index / kSeriesColors % 2 == 1) dash = {6.0, 5.0};
    return {series_color(index), 2.0, std::move(dash)};
  }

  void draw_intervals(Canvas& canvas, std::size_t index, const Scale& x, const Scale& y) const {
    const ChartSeries& series = chart_.series[index];
    std::vector<Point> upper;
    std::vector<Point> lower;
    const auto finish_band = [&] {
      if (upper.size() > 1) {
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        canvas.polygon(upper, Paint::filled(series_color(index).with_opacity(0.18)));
      }
      upper.clear();
      lower.clear();
    };
    for (const ChartPoint& point : series.points) {
      if (!drawable(point) || !has_interval(point)) {
        finish_band();
      } else if (series.markers) {
        const double at = x(point.x);
        const Stroke bar{series_color(index), 1.2, {}};
        canvas.line({at, y(point.low)}, {at, y(point.high)}, bar);
        for (const double end : {point.low, point.high})
          canvas.line({at - 3.0, y(end)}, {at + 3.0, y(end)}, bar);
      } else {
        upper.push_back({x(point.x), y(point.high)});
        lower.push_back({x(point.x), y(point.low)});
      }
    }
    finish_band();
  }

  void draw_line(Canvas& canvas, std::size_t index, const Scale& x, const Scale& y) const {
    const ChartSeries& series = chart_.series[index];
    std::vector<Point> run;
    const auto finish_run = [&] {
      if (series.line && run.size() > 1) canvas.polyline(run, stroke_of(index));
      const bool lonely = series.line && run.size() == 1;
      if (series.markers || lonely) {
        for (const Point point : run) draw_marker(canvas, point, index);
      }
      run.clear();
    };
    for (const ChartPoint& point : series.points) {
      if (drawable(point)) {
        run.push_back({x(point.x), y(point.y)});
      } else {
        finish_run();
      }
    }
    finish_run();
  }

  // Four shapes, so that markers can be told apart without their colors.
  static void draw_marker(Canvas& canvas, Point at, std::size_t index) {
    const Paint paint{series_color(index), Stroke{kWhite, 1.0, {}}, {}};
    switch (index % 4) {
      case 0:
        return canvas.circle(at, 4.0, paint);
      case 1:
        return canvas.rectangle({at.x - 3.6, at.y - 3.6, 7.2, 7.2}, paint);
      case 2:
        return canvas.polygon({{at.x, at.y - 4.8}, {at.x + 4.4, at.y + 3.4}, {at.x - 4.4, at.y + 3.4}},
                              paint);
      default:
        return canvas.polygon(
            {{at.x, at.y - 5.0}, {at.x + 5.0, at.y}, {at.x, at.y + 5.0}, {at.x - 5.0, at.y}}, paint);
    }
  }

  void draw_legend(Canvas& canvas, Point at) const {
    if (chart_.series.size() == 1 && chart_.series[0].name.empty()) return;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const double y = at.y + static_cast<double>(i) * kLegendRow;
      if (chart_.series[i].line) canvas.line({at.x, y}, {at.x + kLegendLine, y}, stroke_of(i));
      if (chart_.series[i].markers) draw_marker(canvas, {at.x + kLegendLine / 2.0, y}, i);
      canvas.text({at.x + kLegendLine + 8.0, y + 4.0}, chart_.series[i].name, kLegendStyle);
    }
  }

  const Chart& chart_;
  AxisLook x_look_;
  AxisLook y_look_;
  Scale unplaced_x_;  // their range is right, their place on the canvas is not known yet
  Scale unplaced_y_;
};

}  // namespace

Canvas draw_chart(const Chart& chart) {
  Painter painter(chart);
  return painter.draw(painter.axis_width());
}

Canvas draw_charts(const std::vector<Chart>& charts) {
  SAMARA_CHECK(!charts.empty());
  double axis_width = 0.0;  // the plots stand exactly below each other
  for (const Chart& chart : charts) axis_width = std::max(axis_width, Painter(chart).axis_width());
  std::vector<Canvas> drawn;
  double width = 1.0;
  double height = 0.0;
  for (const Chart& chart : charts) {
    drawn.push_back(Painter(chart).draw(axis_width));
    width = std::max(width, drawn.back().width());
    height += drawn.back().height();
  }
  Canvas canvas(width, height);
  double y = 0.0;
  for (const Canvas& chart : drawn) {
    canvas.draw(chart, {0.0, y});
    y += chart.height();
  }
  return canvas;
}

}  // namespace samara::picture
