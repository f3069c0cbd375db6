#include "samara/picture/animation.h"

#include <algorithm>
#include <cmath>

#include "samara/base/file.h"
#include "samara/picture/image.h"
#include "samara/picture/internal/camera.h"
#include "samara/picture/internal/video_encoder.h"

namespace samara::picture {
namespace internal {

View camera_at_origin(const Recording& recording, const AnimationOptions& options) {
  constexpr double kMaxScale = 24.0;
  constexpr double kHeader = 52.0;
  const Extent extent = extent_of(recording.frames, true);
  const double half_width = std::max(-extent.left, extent.right);
  View view;
  view.ground = options.height - kGroundHeight - 6.0;
  view.scale = std::min({0.36 * options.width / half_width,
                         std::max(view.ground - kHeader, 0.5 * view.ground) / extent.top, kMaxScale});
  view.left = -0.5 * options.width / view.scale;
  return view;
}

}  // namespace internal

namespace {

struct VideoFormat {
  internal::VideoEncoder::Format format;
  int frames_per_second;
  double scale;  // pixels per point
};
// A GIF's times are in hundredths of a second, which 20 frames per second hit exactly.
constexpr VideoFormat kGif{internal::VideoEncoder::Format::kGif, 20, 0.75};
constexpr VideoFormat kMp4{internal::VideoEncoder::Format::kMp4, 30, 2.0};

int frame_count(const Recording& recording, int frames_per_second) {
  return static_cast<int>(std::max(recording.seconds(), 0.0) * frames_per_second + 1e-6) + 1;
}

Result<AnimationFacts> save_video(const Recording& recording, const std::filesystem::path& path,
                                  const AnimationOptions& options, const VideoFormat& format) {
  const auto even = [&](double points) {
    return 2 * static_cast<int>(std::ceil(points * format.scale / 2.0));
  };
  AnimationOptions sized = options;
  sized.width = even(options.width) / format.scale;
  sized.height = even(options.height) / format.scale;
  SAMARA_TRY(internal::VideoEncoder encoder,
             internal::VideoEncoder::start(path, format.format, even(options.width), even(options.height),
                                           format.frames_per_second));
  const int frames = frame_count(recording, format.frames_per_second);
  for (int i = 0; i < frames; ++i) {
    const double seconds = static_cast<double>(i) / format.frames_per_second;
    SAMARA_TRY(const Pixels pixels, to_pixels(draw_moment(recording, seconds, sized), format.scale));
    SAMARA_TRY_STATUS(encoder.write(pixels));
  }
  SAMARA_TRY_STATUS(encoder.finish());
  return AnimationFacts{frames, recording.seconds()};
}

}  // namespace

Canvas draw_moment(const Recording& recording, double seconds, const AnimationOptions& options) {
  const sodarace::Frame& frame = recording.at(seconds);
  const double start = center_of_mass_x(recording.frames.front());
  const double center = center_of_mass_x(frame);
  internal::View view = internal::camera_at_origin(recording, options);
  view.left += center;

  Canvas canvas(options.width, options.height);
  internal::draw_ground(canvas, view, start);
  internal::draw_walker(canvas, recording.walker, frame, view);
  const double right = options.width - internal::kAnimationMargin;
  canvas.text({right, internal::kTextBaseline},
              internal::measure_text(std::fabs(center - start), "units") + "   " +
                  internal::measure_text(std::max(frame.seconds, 0.0), "s"),
              internal::kClockText);
  canvas.text({internal::kAnimationMargin, internal::kTextBaseline},
              fit_text(options.title, internal::kTitleText, 0.6 * options.width), internal::kTitleText);
  return canvas;
}

Result<AnimationFacts> save_animation(const Recording& recording, const std::filesystem::path& path,
                                      const AnimationOptions& options) {
  const std::string ending = path.extension().string();
  if (ending == ".gif") return save_video(recording, path, options, kGif);
  if (ending == ".mp4") return save_video(recording, path, options, kMp4);
  if (ending == ".svg") {
    SAMARA_TRY_STATUS(write_file(path, to_animated_svg(recording, options)));
    return AnimationFacts{internal::svg_timing(recording).frames, recording.seconds()};
  }
  return make_error(ErrorCode::kInvalidArgument,
                    "cannot animate {}: give the file a name that ends in .mp4, .gif or .svg", path.string());
}

}  // namespace samara::picture
