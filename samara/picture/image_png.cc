// to_pixels() and to_png(): cairo draws the canvas.
#include <cairo.h>

#include <cmath>
#include <cstring>

#include "samara/picture/image.h"
#include "samara/picture/internal/cairo_text.h"

namespace samara::picture {
namespace {

using internal::CairoContext;
using internal::CairoSurface;

constexpr int kMaxPixels = 32767;  // per side, a limit of cairo's image surfaces

class Painter {
 public:
  explicit Painter(cairo_t* context) : context_(context) {
    cairo_set_line_cap(context_, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  }

  void operator()(const shape::Path& path) {
    for (const Point& point : path.points) cairo_line_to(context_, point.x, point.y);
    if (path.closed) cairo_close_path(context_);
    paint(path.paint);
  }

  void operator()(const shape::Circle& circle) {
    cairo_arc(context_, circle.center.x, circle.center.y, circle.radius, 0.0, 2.0 * M_PI);
    paint(circle.paint);
  }

  void operator()(const shape::Text& text) {
    internal::select_font(context_, text.style);
    const double advance = internal::advance_of(context_, text.text);
    const double share = text.style.anchor == Anchor::kStart    ? 0.0
                         : text.style.anchor == Anchor::kMiddle ? 0.5
                                                                : 1.0;
    cairo_save(context_);
    cairo_translate(context_, text.position.x, text.position.y);
    if (text.style.upward) cairo_rotate(context_, -M_PI / 2.0);
    cairo_move_to(context_, -share * advance, 0.0);
    set_color(text.style.color);
    cairo_show_text(context_, text.text.c_str());
    cairo_restore(context_);
    cairo_new_path(context_);
  }

  void operator()(const shape::PanelBegin& panel) {
    cairo_save(context_);
    cairo_translate(context_, panel.area.x, panel.area.y);
    cairo_rectangle(context_, 0.0, 0.0, panel.area.width, panel.area.height);
    cairo_clip(context_);
  }

  void operator()(const shape::PanelEnd&) { cairo_restore(context_); }

 private:
  void set_color(Color color) {
    cairo_set_source_rgba(context_, color.red / 255.0, color.green / 255.0, color.blue / 255.0,
                          color.opacity);
  }

  void paint(const Paint& paint) {
    if (paint.fill) {
      set_color(*paint.fill);
      cairo_fill_preserve(context_);
    }
    if (paint.stroke) {
      set_color(paint.stroke->color);
      cairo_set_line_width(context_, paint.stroke->width);
      cairo_set_dash(context_, paint.stroke->dash.data(), static_cast<int>(paint.stroke->dash.size()), 0.0);
      cairo_stroke_preserve(context_);
    }
    cairo_new_path(context_);
  }

  cairo_t* context_;
};

Result<CairoSurface> draw(const Canvas& canvas, double scale) {
  const double width = std::ceil(canvas.width() * scale);
  const double height = std::ceil(canvas.height() * scale);
  if (width > kMaxPixels || height > kMaxPixels) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "a picture of {} x {} pixels is too large: the limit is {} a side; write an SVG instead", width,
        height, kMaxPixels);
  }
  CairoSurface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  const CairoContext context(cairo_create(surface.get()));
  cairo_scale(context.get(), scale, scale);
  const Color background = canvas.background();
  cairo_set_source_rgb(context.get(), background.red / 255.0, background.green / 255.0,
                       background.blue / 255.0);
  cairo_paint(context.get());
  Painter painter(context.get());
  for (const Shape& shape : canvas.shapes()) std::visit(painter, shape);
  if (const cairo_status_t status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS) {
    return make_error(ErrorCode::kInternal, "cairo cannot draw a picture of {} x {} pixels: {}", width,
                      height, cairo_status_to_string(status));
  }
  cairo_surface_flush(surface.get());
  return surface;
}

cairo_status_t append(void* closure, const unsigned char* bytes, unsigned int size) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), size);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Result<Pixels> to_pixels(const Canvas& canvas, double scale) {
  SAMARA_TRY(const CairoSurface surface, draw(canvas, scale));
  Pixels pixels{
      cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  const std::size_t row = static_cast<std::size_t>(pixels.width) * 4;
  pixels.bgrx.resize(row * static_cast<std::size_t>(pixels.height));
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  for (std::size_t y = 0; y < static_cast<std::size_t>(pixels.height); ++y) {
    std::memcpy(&pixels.bgrx[y * row], data + y * stride, row);
  }
  return pixels;
}

Result<std::string> to_png(const Canvas& canvas, double scale) {
  SAMARA_TRY(const CairoSurface surface, draw(canvas, scale));
  std::string png;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &png);
  if (status != CAIRO_STATUS_SUCCESS) {
    return make_error(ErrorCode::kInternal, "cairo cannot encode a PNG: {}", cairo_status_to_string(status));
  }
  return png;
}

}  // namespace samara::picture
