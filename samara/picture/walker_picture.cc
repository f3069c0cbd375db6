#include "samara/picture/walker_picture.h"

#include <algorithm>
#include <cmath>

#include "samara/base/check.h"
#include "samara/picture/internal/axes.h"
#include "samara/picture/internal/scene.h"
#include "samara/picture/scale.h"

namespace samara::picture {
namespace {

using internal::Extent;
using internal::View;

constexpr double kMargin = 22.0;
constexpr double kMaxScale = 26.0;  // points per program unit, so that tiny robots do not look like giants

// The view in which `extent` fills the width or the height, whichever is reached first, and is centered.
View fit(const Extent& extent, double width, double height, double margin) {
  View view;
  view.scale = std::min({(width - 2.0 * margin) / extent.width(), height / extent.top, kMaxScale});
  view.left = (extent.left + extent.right) / 2.0 - width / view.scale / 2.0;
  return view;
}

// What colors and widths of muscles mean, in one line.
void draw_key(Canvas& canvas, Point at) {
  const auto sample = [&](const sodarace::Muscle& muscle, const std::string& name) {
    const internal::MuscleLook look = internal::look_of(muscle);
    const double width = internal::stroke_width(look, {0.0, 0.0, 14.0});
    canvas.line({at.x, at.y - 4.0}, {at.x + 22.0, at.y - 4.0}, {look.color, width, {}});
    const TextStyle style{internal::kLabelSize, kFaintInk};
    canvas.text({at.x + 30.0, at.y}, name, style);
    at.x += 46.0 + text_width(name, style);
  };
  const float half = sodarace::kMaxAmplitude / 2.0f;
  sample({0, 1, false, 0.0f, 0.0f}, "passive");
  sample({0, 1, true, half, 0.0f}, "phase 0");
  sample({0, 1, true, half, 0.25f}, "¼");
  sample({0, 1, true, half, 0.5f}, "½");
  sample({0, 1, true, half, 0.75f}, "¾ turn");
  sample({0, 1, true, sodarace::kMaxAmplitude, 0.0f}, "largest amplitude");
}

// A robot at rest with a fitness, for sheets.
Canvas draw_cell(const SheetEntry& entry, double best, double width) {
  constexpr double kSky = 138.0;
  constexpr double kGround = 5.0;
  constexpr double kText = 50.0;
  Canvas canvas(width, kSky + kGround + kText);
  const sodarace::Frame& rest = entry.recording.frames.front();
  Canvas scene(width, kSky + kGround, {248, 249, 250});
  View view = fit(internal::extent_of({&rest, 1}, false), width, kSky - 16.0, 16.0);
  view.ground = kSky;
  internal::draw_ground(scene, view, center_of_mass_x(rest));
  internal::draw_walker(scene, entry.recording.walker, rest, view);
  canvas.draw(scene, {0.0, 0.0});

  const double share = best > 0.0 ? std::clamp(entry.fitness / best, 0.0, 1.0) : 0.0;
  const double y = kSky + kGround + 7.0;
  canvas.rectangle({0.0, y, width, 6.0}, Paint::filled(kEmptyNiche));
  canvas.rectangle({0.0, y, share * width, 6.0}, Paint::filled(heat_color(share)));
  canvas.text({0.0, y + 22.0}, number_text(entry.fitness), {13.0, kInk, Anchor::kStart, true});
  const TextStyle faint{10.5, kFaintInk};
  canvas.text({0.0, y + 37.0}, fit_text(entry.caption, faint, width), faint);
  return canvas;
}

}  // namespace

Canvas draw_still(const Recording& recording, const WalkerPictureOptions& options) {
  constexpr double kMaxHeight = 420.0;
  constexpr double kKeyHeight = 34.0;
  constexpr double kSky = 24.0;
  const sodarace::Frame& rest = recording.frames.front();
  const Extent extent = internal::extent_of({&rest, 1}, false);
  View view = fit(extent, options.width, kMaxHeight, kMargin);
  const double top = kMargin + internal::header_height(options.title, options.caption);
  view.ground = top + kSky + extent.top * view.scale;

  Canvas scene(options.width, view.ground + internal::kGroundHeight);
  internal::draw_ground(scene, view, center_of_mass_x(rest));
  internal::draw_walker(scene, recording.walker, rest, view);
  internal::draw_header(scene, kMargin, options.title, options.caption);
  Canvas canvas(options.width, scene.height() + kKeyHeight);
  canvas.draw(scene, {0.0, 0.0});
  draw_key(canvas, {kMargin, scene.height() + 21.0});
  return canvas;
}

Canvas draw_strobe(const Recording& recording, int moments, const WalkerPictureOptions& options) {
  SAMARA_CHECK(moments >= 2);
  constexpr double kMaxHeight = 340.0;
  constexpr double kSky = 34.0;  // above the robot, for the times
  std::vector<sodarace::Frame> frames;
  for (int i = 0; i < moments; ++i) frames.push_back(recording.at(recording.seconds() * i / (moments - 1)));
  const Extent extent = internal::extent_of(frames, false);
  View view = fit(extent, options.width, kMaxHeight, 2.0 * kMargin);
  view.ground =
      kMargin + internal::header_height(options.title, options.caption) + kSky + extent.top * view.scale;

  Canvas canvas(options.width, view.ground + internal::kGroundHeight);
  internal::draw_header(canvas, kMargin, options.title, options.caption);
  internal::draw_ground(canvas, view, center_of_mass_x(frames.front()));
  const TextStyle style{internal::kLabelSize, kFaintInk, Anchor::kMiddle};
  const double times_baseline = view.ground - extent.top * view.scale - 14.0;
  std::vector<double> labels;  // where times stand already
  for (int i = 0; i < moments; ++i) {
    const sodarace::Frame& frame = frames[static_cast<std::size_t>(i)];
    internal::draw_walker(canvas, recording.walker, frame, view, 0.3 + 0.7 * i / (moments - 1));
    const std::string time = internal::measure_text(frame.seconds, "s");
    const double x = view.place(center_of_mass_x(frame), 0.0).x;
    const double room = text_width(time, style) + 8.0;
    const bool free =
        std::none_of(labels.begin(), labels.end(), [&](double label) { return std::fabs(label - x) < room; });
    if (!free) continue;
    canvas.text({x, times_baseline}, time, style);
    labels.push_back(x);
  }
  return canvas;
}

Canvas draw_sheet(const std::vector<SheetEntry>& entries, const WalkerPictureOptions& options) {
  SAMARA_CHECK(!entries.empty());
  constexpr double kGap = 18.0;
  constexpr double kCellWidth = 200.0;
  const double inner = options.width - 2.0 * kMargin;
  const auto columns =
      static_cast<std::size_t>(std::max(1.0, std::floor((inner + kGap) / (kCellWidth + kGap))));
  const double width = (inner + kGap) / static_cast<double>(columns) - kGap;
  double best = 0.0;
  for (const SheetEntry& entry : entries) best = std::max(best, entry.fitness);

  std::vector<Canvas> cells;
  for (const SheetEntry& entry : entries) cells.push_back(draw_cell(entry, best, width));
  const double top = kMargin + internal::header_height(options.title, options.caption);
  const double row_height = cells.front().height() + kGap;
  const std::size_t rows = (cells.size() + columns - 1) / columns;
  Canvas canvas(options.width, top + static_cast<double>(rows) * row_height - kGap + kMargin);
  internal::draw_header(canvas, kMargin, options.title, options.caption);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    canvas.draw(cells[i], {kMargin + static_cast<double>(i % columns) * (width + kGap),
                           top + static_cast<double>(i / columns) * row_height});
  }
  return canvas;
}

}  // namespace samara::picture
