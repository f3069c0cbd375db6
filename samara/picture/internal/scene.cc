#include "samara/picture/internal/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "samara/picture/scale.h"

namespace samara::picture::internal {
namespace {

constexpr Color kGroundColor{236, 233, 227};
constexpr Color kSurfaceColor{120, 112, 100};
constexpr Color kPassiveColor{158, 164, 172};
constexpr double kMarkSpacing = 70.0;  // points between distance marks, about

Color fade(Color color, double strength) {
  const auto channel = [&](std::uint8_t value) {
    return static_cast<std::uint8_t>(std::lround(255.0 - strength * (255.0 - value)));
  };
  return {channel(color.red), channel(color.green), channel(color.blue)};
}

// Between marks, in program units.
double mark_distance(const View& view) {
  const double visible = kMarkSpacing / view.scale;
  const std::vector<Tick> ticks = Scale(0.0, 10.0 * visible, 0.0, 1.0).ticks(10);
  return ticks[1].value - ticks[0].value;
}

}  // namespace

Extent extent_of(std::span<const sodarace::Frame> frames, bool relative) {
  Extent extent{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0.0};
  for (const sodarace::Frame& frame : frames) {
    const double origin = relative ? center_of_mass_x(frame) : 0.0;
    for (const sodarace::Point& joint : frame.joints) {
      extent.left = std::min(extent.left, joint.x - origin - kJointRadius);
      extent.right = std::max(extent.right, joint.x - origin + kJointRadius);
      extent.top = std::max(extent.top, joint.y + kJointRadius);
    }
  }
  return extent;
}

MuscleLook look_of(const sodarace::Muscle& muscle) {
  constexpr double kThin = 0.13;
  constexpr double kThick = 0.42;
  if (!muscle.active) return {kPassiveColor, kThin};
  const double strength = std::min(std::fabs(muscle.amplitude) / sodarace::kMaxAmplitude, 1.0f);
  return {phase_color(muscle.phase), kThin + (kThick - kThin) * strength};
}

double stroke_width(const MuscleLook& look, const View& view) {
  return std::max(look.width * view.scale, 0.7);
}

void draw_walker(Canvas& canvas, const sodarace::Walker& walker, const sodarace::Frame& frame,
                 const View& view, double strength) {
  const auto joint_at = [&](std::size_t joint) {
    return view.place(frame.joints[joint].x, frame.joints[joint].y);
  };
  for (const bool active : {false, true}) {  // active muscles on top
    for (const sodarace::Muscle& muscle : walker.muscles) {
      if (muscle.active != active) continue;
      const MuscleLook look = look_of(muscle);
      canvas.line(joint_at(muscle.a), joint_at(muscle.b),
                  {fade(look.color, strength), stroke_width(look, view), {}});
    }
  }
  for (std::size_t joint = 0; joint < frame.joints.size(); ++joint) {
    canvas.circle(joint_at(joint), std::max(kJointRadius * view.scale, 1.2),
                  Paint::filled(fade(kInk, strength)));
  }
}

void draw_ground(Canvas& canvas, const View& view, double start) {
  canvas.rectangle({0.0, view.ground, canvas.width(), canvas.height() - view.ground},
                   Paint::filled(kGroundColor));
  canvas.line({0.0, view.ground}, {canvas.width(), view.ground}, {kSurfaceColor, 1.4, {}});
  const double step = mark_distance(view);
  const double right = view.left + canvas.width() / view.scale;
  const TextStyle style{11.0, kFaintInk, Anchor::kMiddle};
  for (double i = std::ceil((view.left - start) / step); i <= std::floor((right - start) / step); i += 1.0) {
    const double x = view.place(start + i * step, 0.0).x;
    canvas.line({x, view.ground}, {x, view.ground + 7.0}, {kSurfaceColor, 1.2, {}});
    const std::string label = number_text(i * step + 0.0);
    const double half = text_width(label, style) / 2.0;
    if (x >= half && x + half <= canvas.width()) canvas.text({x, view.ground + 21.0}, label, style);
  }
}

std::string measure_text(double value, const std::string& unit) {
  return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace samara::picture::internal
