#include "samara/picture/canvas.h"

#include <cairo.h>

#include <memory>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/picture/internal/cairo_text.h"

namespace samara::picture {

double text_width(std::string_view text, const TextStyle& style) {
  using internal::CairoContext;
  using internal::CairoSurface;
  const CairoSurface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  const CairoContext context(cairo_create(surface.get()));
  internal::select_font(context.get(), style);
  return internal::advance_of(context.get(), sanitize_utf8(text));
}

std::string fit_text(std::string_view text, const TextStyle& style, double width) {
  if (text_width(text, style) <= width) return std::string(text);
  const auto continues_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (!text.empty()) {
    while (continues_character(text.back()) && text.size() > 1) text.remove_suffix(1);
    text.remove_suffix(1);
    const std::string cut = std::string(text) + "…";
    if (text_width(cut, style) <= width) return cut;
  }
  return {};
}

template <typename S>
void Canvas::add(S shape) {
  shapes_.emplace_back(std::in_place_type<S>, std::move(shape));
}

Canvas::Canvas(double width, double height, Color background)
    : width_(width), height_(height), background_(background) {
  SAMARA_CHECK(width >= 1.0 && height >= 1.0);
}

void Canvas::line(Point from, Point to, const Stroke& stroke) {
  polyline({from, to}, stroke);
}

void Canvas::polyline(std::vector<Point> points, const Stroke& stroke) {
  add(shape::Path{std::move(points), false, Paint::outlined(stroke)});
}

void Canvas::polygon(std::vector<Point> points, const Paint& paint) {
  add(shape::Path{std::move(points), true, paint});
}

void Canvas::rectangle(const Rect& area, const Paint& paint) {
  polygon({{area.x, area.y}, {area.right(), area.y}, {area.right(), area.bottom()}, {area.x, area.bottom()}},
          paint);
}

void Canvas::circle(Point center, double radius, const Paint& paint) {
  add(shape::Circle{center, radius, paint});
}

void Canvas::text(Point position, std::string_view text, const TextStyle& style) {
  add(shape::Text{position, sanitize_utf8(text), style});
}

void Canvas::draw(const Canvas& other, Point at) {
  add(shape::PanelBegin{{at.x, at.y, other.width(), other.height()}});
  if (other.background().opacity > 0.0) {
    rectangle({0.0, 0.0, other.width(), other.height()}, Paint::filled(other.background()));
  }
  shapes_.insert(shapes_.end(), other.shapes().begin(), other.shapes().end());
  add(shape::PanelEnd{});
}

}  // namespace samara::picture
