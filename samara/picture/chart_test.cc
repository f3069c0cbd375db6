#include "samara/picture/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "samara/picture/image.h"

namespace samara::picture {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<shape::Path> series_lines(const Canvas& canvas, std::size_t series) {
  std::vector<shape::Path> lines;
  for (const Shape& shape : canvas.shapes()) {
    const auto* path = std::get_if<shape::Path>(&shape);
    if (path && !path->closed && path->paint.stroke->color == series_color(series)) lines.push_back(*path);
  }
  return lines;
}

TEST(ChartTest, ALineGoesUpWhereItsValuesDo) {
  Chart chart;
  chart.series = {{"a", {{0, 1}, {1, 2}, {2, 4}}}};
  const auto lines = series_lines(draw_chart(chart), 0);
  ASSERT_EQ(lines.size(), 2u);  // the line and its sample in the legend
  const std::vector<Point>& points = lines[0].points;
  ASSERT_EQ(points.size(), 3u);
  EXPECT_LT(points[0].x, points[1].x);
  EXPECT_GT(points[0].y, points[1].y);
  EXPECT_NEAR(points[0].y - points[1].y, (points[1].y - points[2].y) / 2.0, 1e-9);
}

TEST(ChartTest, ALogarithmicAxisMakesGrowthStraight) {
  Chart chart;
  chart.y_scale = Scale::Kind::kLogarithmic;
  chart.series = {{"a", {{0, 1}, {1, 10}, {2, 100}}}};
  const std::vector<Point> points = series_lines(draw_chart(chart), 0)[0].points;
  EXPECT_NEAR(points[0].y - points[1].y, points[1].y - points[2].y, 1e-9);
}

TEST(ChartTest, CountsHaveTicksAtWholeNumbersOnly) {
  for (const double last : {2.0, 3.0, 5.0, 40.0}) {
    Chart chart;
    chart.whole_x = true;
    chart.y_scale = Scale::Kind::kLogarithmic;  // whose labels here are whole
    chart.series = {{"a", {{1, 1}, {last, 1000}}}};
    for (const Shape& shape : draw_chart(chart).shapes()) {
      const auto* text = std::get_if<shape::Text>(&shape);
      if (text == nullptr) continue;
      EXPECT_EQ(text->text.find('.'), std::string::npos) << text->text << " of " << last;
    }
  }
}

TEST(ChartTest, MissingValuesAreGaps) {
  Chart chart;
  chart.series = {{"a", {{0, 1}, {1, 2}, {2, kNone}, {3, 3}, {4, 4}}}};
  const auto lines = series_lines(draw_chart(chart), 0);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].points.size(), 2u);
  EXPECT_EQ(lines[1].points.size(), 2u);
}

TEST(ChartTest, AGapAtTheEndKeepsItsPlaceOnTheAxis) {
  Chart chart;
  chart.y_scale = Scale::Kind::kLogarithmic;
  chart.series = {{"a", {{1, 10}, {2, 1}, {3, 0}, {5, 0}}}, {"b", {{1, 1}, {5, 1}}}};
  const Canvas canvas = draw_chart(chart);
  const std::vector<Point> cut = series_lines(canvas, 0)[0].points;
  const std::vector<Point> whole = series_lines(canvas, 1)[0].points;
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_NEAR((cut[1].x - cut[0].x) * 4.0, whole[1].x - whole[0].x, 1e-9);
  chart.series.pop_back();
  EXPECT_NEAR(series_lines(draw_chart(chart), 0)[0].points[1].x, cut[1].x, 1e-9);
}

TEST(ChartTest, IntervalsBecomeOneBandPerSeries) {
  Chart chart;
  chart.series = {{"a", {{0, 1, 0.5, 1.5}, {1, 2, 1, 3}}}, {"b", {{0, 1}, {1, 2}}}};
  std::size_t bands = 0;
  for (const Shape& shape : draw_chart(chart).shapes()) {
    const auto* path = std::get_if<shape::Path>(&shape);
    if (path && path->closed && path->paint.fill && path->paint.fill->opacity < 1.0) ++bands;
  }
  EXPECT_EQ(bands, 1u);
}

TEST(ChartTest, AnEmptyChartCanBeDrawn) {
  EXPECT_TRUE(to_png(draw_chart({})).ok());
  Chart chart;
  chart.series = {{"nothing", {{kNone, kNone}}}, {"one point", {{1, 1}}}};
  EXPECT_TRUE(to_png(draw_chart(chart)).ok());
}

TEST(ChartTest, ChartsStandBelowEachOther) {
  Chart chart;
  chart.series = {{"a", {{0, 1}, {1, 2}}}};
  const Canvas one = draw_chart(chart);
  const Canvas two = draw_charts({chart, chart});
  EXPECT_EQ(two.width(), one.width());
  EXPECT_EQ(two.height(), 2.0 * one.height());
  EXPECT_EQ(to_svg(two), to_svg(draw_charts({chart, chart})));
}

}  // namespace
}  // namespace samara::picture
