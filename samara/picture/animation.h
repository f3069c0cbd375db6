// Animations of a walk: the camera follows the robot, marks on the ground show the distance, a clock runs.
// MP4 and GIF are encoded by the ffmpeg program, animated SVG is written here. Read recording.h first. The
// same recording gives the same frames, and the same SVG byte for byte; what ffmpeg makes of them depends on
// its version. Files are written whole or not at all. Safe to call from many threads.
#pragma once

#include <filesystem>
#include <string>

#include "samara/base/result.h"
#include "samara/picture/canvas.h"
#include "samara/picture/recording.h"

namespace samara::picture {

struct AnimationOptions {
  std::string title;
  double width = 640.0;  ///< points; at least 100, as the height
  double height = 360.0;
};

/// What was written.
struct AnimationFacts {
  int frames = 0;
  double seconds = 0.0;
};

/// The moment `seconds` after measuring started, as it looks in the animation.
Canvas draw_moment(const Recording& recording, double seconds, const AnimationOptions& options = {});

/// A standalone SVG file that plays in a loop in browsers (SMIL, no script).
std::string to_animated_svg(const Recording& recording, const AnimationOptions& options = {});

/// Writes MP4, GIF or animated SVG, whichever the file's name ends in. Errors: kInvalidArgument for any other
/// ending; kUnsupported when ffmpeg is needed and missing; kIo.
Result<AnimationFacts> save_animation(const Recording& recording, const std::filesystem::path& path,
                                      const AnimationOptions& options = {});

}  // namespace samara::picture
