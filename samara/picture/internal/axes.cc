#include "samara/picture/internal/axes.h"

#include <algorithm>

namespace samara::picture::internal {
namespace {

constexpr TextStyle kTitleStyle{18.0, kInk, Anchor::kStart, true};
constexpr TextStyle kCaptionStyle{12.0, kFaintInk};
constexpr double kTitleHeight = 24.0;
constexpr double kCaptionHeight = 18.0;
constexpr double kHeaderGap = 10.0;
constexpr double kLabelGap = 7.0;  // between an axis and the labels of its ticks

TextStyle label_style(Anchor anchor) {
  return {kLabelSize, kFaintInk, anchor};
}

}  // namespace

void draw_x_axis(Canvas& canvas, const Rect& plot, const Scale& scale, const AxisLook& look) {
  for (const Tick& tick : scale.ticks(look.ticks)) {
    const double x = scale(tick.value);
    if (look.grid) canvas.line({x, plot.y}, {x, plot.bottom()}, {kGridLine, 0.8, {}});
    canvas.line({x, plot.bottom()}, {x, plot.bottom() + kTickLength}, {kFaintInk, 0.8, {}});
    if (look.labels)
      canvas.text({x, plot.bottom() + kLabelGap + 9.0}, tick.label, label_style(Anchor::kMiddle));
  }
  canvas.line({plot.x, plot.bottom()}, {plot.right(), plot.bottom()}, {kFaintInk, 0.8, {}});
  if (!look.title.empty()) {
    canvas.text({plot.x + plot.width / 2.0, plot.bottom() + kXLabelsHeight + 15.0}, look.title,
                {12.0, kInk, Anchor::kMiddle});
  }
}

void draw_y_axis(Canvas& canvas, const Rect& plot, const Scale& scale, const AxisLook& look) {
  for (const Tick& tick : scale.ticks(look.ticks)) {
    const double y = scale(tick.value);
    if (look.grid) canvas.line({plot.x, y}, {plot.right(), y}, {kGridLine, 0.8, {}});
    canvas.line({plot.x - kTickLength, y}, {plot.x, y}, {kFaintInk, 0.8, {}});
    if (look.labels) canvas.text({plot.x - kLabelGap, y + 4.0}, tick.label, label_style(Anchor::kEnd));
  }
  canvas.line({plot.x, plot.y}, {plot.x, plot.bottom()}, {kFaintInk, 0.8, {}});
  if (!look.title.empty()) {
    canvas.text({plot.x - y_axis_width(scale, look) + 12.0, plot.y + plot.height / 2.0}, look.title,
                {12.0, kInk, Anchor::kMiddle, false, true});
  }
}

double y_axis_width(const Scale& scale, const AxisLook& look) {
  double labels = 0.0;
  if (look.labels) {
    for (const Tick& tick : scale.ticks(look.ticks)) {
      labels = std::max(labels, text_width(tick.label, label_style(Anchor::kEnd)));
    }
  }
  return labels + kLabelGap + (look.title.empty() ? 0.0 : kAxisTitleHeight);
}

double header_height(const std::string& title, const std::string& caption) {
  const double height = (title.empty() ? 0.0 : kTitleHeight) + (caption.empty() ? 0.0 : kCaptionHeight);
  return height == 0.0 ? 0.0 : height + kHeaderGap;
}

double draw_header(Canvas& canvas, double margin, const std::string& title, const std::string& caption) {
  const double width = canvas.width() - 2.0 * margin;
  double y = margin;
  if (!title.empty()) {
    canvas.text({margin, y + 15.0}, fit_text(title, kTitleStyle, width), kTitleStyle);
    y += kTitleHeight;
  }
  if (!caption.empty())
    canvas.text({margin, y + 12.0}, fit_text(caption, kCaptionStyle, width), kCaptionStyle);
  return header_height(title, caption);
}

std::string name_with_unit(const std::string& name, const std::string& unit) {
  return unit.empty() ? name : name + " (" + unit + ")";
}

}  // namespace samara::picture::internal
