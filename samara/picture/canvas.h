// Canvas: a drawing as a list of shapes, from which image.h makes PNG, SVG or pixels, so that one drawing
// code serves them all. Read image.h next. Coordinates are in points, y down, from the upper left corner. The
// same calls give the same drawing; text is measured with DejaVu Sans. A value, used by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/picture/color.h"

namespace samara::picture {

struct Point {
  double x = 0.0;
  double y = 0.0;
  friend bool operator==(const Point&, const Point&) = default;
};

struct Rect {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

/// Lines have round ends and corners.
struct Stroke {
  Color color = kInk;
  double width = 1.0;
  std::vector<double> dash;  ///< lengths drawn and left out, in turn; empty: a solid line
};

/// How an area is painted: filled, outlined or both.
struct Paint {
  std::optional<Color> fill;
  std::optional<Stroke> stroke;
  std::string tooltip;  ///< what an SVG viewer says when the pointer is on the shape; PNG ignores it

  static Paint filled(Color color) { return {color, std::nullopt, {}}; }
  static Paint outlined(Stroke stroke) { return {std::nullopt, std::move(stroke), {}}; }
};

enum class Anchor { kStart, kMiddle, kEnd };

struct TextStyle {
  double size = 12.0;  ///< points
  Color color = kInk;
  Anchor anchor = Anchor::kStart;  ///< which end of the baseline the position is
  bool bold = false;
  bool upward = false;  ///< turned by 90 degrees, read from below
};

/// Width of a line of text in points, as PNG draws it.
double text_width(std::string_view text, const TextStyle& style);

/// The text, cut with an ellipsis where it would be wider than `width`.
std::string fit_text(std::string_view text, const TextStyle& style, double width);

namespace shape {
struct Path {
  std::vector<Point> points;
  bool closed = false;
  Paint paint;
};
struct Circle {
  Point center;
  double radius = 0.0;
  Paint paint;
};
struct Text {
  Point position;
  std::string text;
  TextStyle style;
};
struct PanelBegin {
  Rect area;
};
struct PanelEnd {};
}  // namespace shape

using Shape = std::variant<shape::Path, shape::Circle, shape::Text, shape::PanelBegin, shape::PanelEnd>;

class Canvas {
 public:
  /// @param width, height in points, at least 1
  Canvas(double width, double height, Color background = kWhite);

  double width() const { return width_; }
  double height() const { return height_; }
  Color background() const { return background_; }
  const std::vector<Shape>& shapes() const& { return shapes_; }
  std::vector<Shape> shapes() && { return std::move(shapes_); }

  void line(Point from, Point to, const Stroke& stroke);
  void polyline(std::vector<Point> points, const Stroke& stroke);
  void polygon(std::vector<Point> points, const Paint& paint);
  void rectangle(const Rect& area, const Paint& paint);
  void circle(Point center, double radius, const Paint& paint);
  /// One line of UTF-8 text; `position` is on its baseline.
  void text(Point position, std::string_view text, const TextStyle& style = {});

  /// Draws another canvas with its upper left corner at `at`, cut off at its edges.
  void draw(const Canvas& other, Point at);

 private:
  template <typename S>
  void add(S shape);

  double width_;
  double height_;
  Color background_;
  std::vector<Shape> shapes_;
};

}  // namespace samara::picture
