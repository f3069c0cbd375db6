// to_svg(): the canvas as text.
#include <cmath>

#include "samara/picture/image.h"
#include "samara/picture/internal/cairo_text.h"
#include "samara/picture/internal/svg_text.h"

namespace samara::picture {
namespace internal {
namespace {

class Writer {
 public:
  void operator()(const shape::Path& path) {
    if (path.points.empty()) return;
    svg_ += "<path d=\"";
    char command = 'M';
    for (const Point& point : path.points) {
      svg_ += fmt::format("{}{} {}", command, svg_number(point.x), svg_number(point.y));
      command = 'L';
    }
    if (path.closed) svg_ += 'Z';
    svg_ += '"';
    finish("path", path.paint);
  }

  void operator()(const shape::Circle& circle) {
    svg_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", svg_number(circle.center.x),
                        svg_number(circle.center.y), svg_number(circle.radius));
    finish("circle", circle.paint);
  }

  void operator()(const shape::Text& text) {
    const std::string x = svg_number(text.position.x);
    const std::string y = svg_number(text.position.y);
    svg_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\"", x, y, svg_number(text.style.size));
    if (text.style.anchor == Anchor::kMiddle) svg_ += " text-anchor=\"middle\"";
    if (text.style.anchor == Anchor::kEnd) svg_ += " text-anchor=\"end\"";
    if (text.style.bold) svg_ += " font-weight=\"bold\"";
    if (text.style.upward) svg_ += fmt::format(" transform=\"rotate(-90 {} {})\"", x, y);
    color("fill", text.style.color);
    svg_ += fmt::format(">{}</text>\n", svg_escape(text.text));
  }

  void operator()(const shape::PanelBegin& panel) {
    const std::string width = svg_number(panel.area.width);
    const std::string height = svg_number(panel.area.height);
    svg_ += fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" overflow=\"hidden\">\n",
                        svg_number(panel.area.x), svg_number(panel.area.y), width, height);
  }

  void operator()(const shape::PanelEnd&) { svg_ += "</svg>\n"; }

  std::string take() { return std::move(svg_); }

 private:
  void color(std::string_view attribute, Color color) {
    svg_ += fmt::format(" {}=\"{}\"", attribute, color.hex());
    if (color.opacity < 1.0) svg_ += fmt::format(" {}-opacity=\"{}\"", attribute, svg_number(color.opacity));
  }

  void finish(std::string_view element, const Paint& paint) {
    if (paint.fill) color("fill", *paint.fill);
    if (!paint.fill) svg_ += " fill=\"none\"";
    if (paint.stroke) {
      color("stroke", paint.stroke->color);
      svg_ += fmt::format(" stroke-width=\"{}\"", svg_number(paint.stroke->width));
      if (!paint.stroke->dash.empty()) {
        svg_ += " stroke-dasharray=\"";
        for (const double length : paint.stroke->dash) svg_ += svg_number(length) + ' ';
        svg_.back() = '"';
      }
    }
    if (paint.tooltip.empty()) {
      svg_ += "/>\n";
    } else {
      svg_ += fmt::format("><title>{}</title></{}>\n", svg_escape(paint.tooltip), element);
    }
  }

  std::string svg_;
};

}  // namespace

std::string svg_number(double value) {
  const auto hundredths = static_cast<long long>(std::llround(value * 100.0));
  std::string text = fmt::format("{}{}.{:02}", hundredths < 0 ? "-" : "", std::llabs(hundredths) / 100,
                                 std::llabs(hundredths) % 100);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string svg_escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') {
      escaped += c;
    }
  }
  return escaped;
}

std::string svg_begin(const Canvas& canvas) {
  const std::string width = svg_number(canvas.width());
  const std::string height = svg_number(canvas.height());
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"{2}\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"{3}\"/>\n",
      width, height, kFontFallbacks, canvas.background().hex());
}

std::string svg_shapes(const Canvas& canvas) {
  Writer writer;
  for (const Shape& shape : canvas.shapes()) std::visit(writer, shape);
  return writer.take();
}

}  // namespace internal

std::string to_svg(const Canvas& canvas) {
  return internal::svg_begin(canvas) + internal::svg_shapes(canvas) + "</svg>\n";
}

}  // namespace samara::picture
