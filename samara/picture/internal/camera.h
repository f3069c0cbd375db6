// The camera of animations: where it looks and what its picture shows besides the walker. Videos and animated
// SVG share it. Not for other modules.
#pragma once

#include "samara/picture/animation.h"
#include "samara/picture/internal/scene.h"

namespace samara::picture::internal {

/// The view of the whole animation, with `left` such that a center of mass at x = 0 is in the middle.
View camera_at_origin(const Recording& recording, const AnimationOptions& options);

/// The frames of an animated SVG: fewer per second for walkers with many muscles over a long time, which
/// keeps the file below about half a megabyte. At least 2 frames.
struct SvgTiming {
  int frames_per_second;
  int frames;
};
SvgTiming svg_timing(const Recording& recording);

/// Where the texts of an animation stand.
inline constexpr double kAnimationMargin = 16.0;
inline constexpr TextStyle kTitleText{15.0, kInk, Anchor::kStart, true};
inline constexpr TextStyle kClockText{15.0, kInk, Anchor::kEnd, true};
inline constexpr double kTextBaseline = 30.0;

}  // namespace samara::picture::internal
