// What measuring and drawing text with cairo share: ownership of its objects and the font. Not for other
// modules.
#pragma once

#include <cairo.h>

#include <memory>
#include <string>

#include "samara/picture/canvas.h"

namespace samara::picture::internal {

struct CairoDelete {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using CairoSurface = std::unique_ptr<cairo_surface_t, CairoDelete>;
using CairoContext = std::unique_ptr<cairo_t, CairoDelete>;

/// Fonts whose letters are equally wide; libcairo2 brings the first along on Debian.
inline constexpr const char* kFontFamily = "DejaVu Sans";
inline constexpr const char* kFontFallbacks = "DejaVu Sans,Bitstream Vera Sans,Verdana,sans-serif";

/// Unhinted, so that widths grow in proportion to the size and pictures do not depend on the desktop's
/// settings.
inline void select_font(cairo_t* context, const TextStyle& style) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(context, options);
  cairo_font_options_destroy(options);
  cairo_select_font_face(context, kFontFamily, CAIRO_FONT_SLANT_NORMAL,
                         style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context, style.size);
}

inline double advance_of(cairo_t* context, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(context, text.c_str(), &extents);
  return extents.x_advance;
}

}  // namespace samara::picture::internal
