// to_animated_svg(): the frames as values of SMIL animations. The muscles' ends are animated in the camera's
// view, the ground slides under them as a whole, and browsers fill in the moments between frames.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "samara/picture/animation.h"
#include "samara/picture/internal/camera.h"
#include "samara/picture/internal/svg_text.h"

namespace samara::picture {
namespace internal {

SvgTiming svg_timing(const Recording& recording) {
  constexpr int kFramesPerSecond = 10;
  constexpr double kMaxMuscleFrames = 20000;  // about 20 bytes each
  const double muscle_seconds = recording.seconds() * static_cast<double>(recording.walker.muscles.size());
  const int rate =
      muscle_seconds * kFramesPerSecond > kMaxMuscleFrames ? kFramesPerSecond / 2 : kFramesPerSecond;
  return {rate, std::max(static_cast<int>(recording.seconds() * rate + 1e-6) + 1, 2)};
}

}  // namespace internal

namespace {

using internal::svg_number;

// Tenths of a point are finer than any screen shows.
std::string place_text(Point place) {
  const auto tenth = [](double value) { return svg_number(std::round(value * 10.0) / 10.0); };
  return tenth(place.x) + "," + tenth(place.y);
}

class Animator {
 public:
  Animator(const Recording& recording, const AnimationOptions& options)
      : recording_(recording),
        options_(options),
        camera_(internal::camera_at_origin(recording, options)),
        timing_(internal::svg_timing(recording)) {
    for (int i = 0; i < timing_.frames; ++i) {
      frames_.push_back(&recording.at(static_cast<double>(i) / timing_.frames_per_second));
      centers_.push_back(center_of_mass_x(*frames_.back()));
    }
  }

  std::string write() {
    svg_ = internal::svg_begin(Canvas(options_.width, options_.height));
    add_ground();
    add_muscles(false);
    add_muscles(true);
    add_joints();
    Canvas title(options_.width, options_.height);
    title.text({internal::kAnimationMargin, internal::kTextBaseline},
               fit_text(options_.title, internal::kTitleText, 0.6 * options_.width), internal::kTitleText);
    svg_ += internal::svg_shapes(title);
    add_clock();
    return svg_ + "</svg>\n";
  }

 private:
  double seconds() const { return (timing_.frames - 1.0) / timing_.frames_per_second; }

  // The attributes that all animations share: they run in step, for ever.
  std::string run_text() const {
    return fmt::format("dur=\"{}s\" repeatCount=\"indefinite\"", svg_number(seconds()));
  }

  // The whole stretch of ground that comes into view, moved as one.
  void add_ground() {
    const auto [low, high] = std::minmax_element(centers_.begin(), centers_.end());
    internal::View view = camera_;
    view.left += *low;
    Canvas stretch(options_.width + (*high - *low) * view.scale, options_.height);
    internal::draw_ground(stretch, view, centers_.front());
    std::string values;
    for (const double center : centers_) values += place_text({(*low - center) * view.scale, 0.0}) + ";";
    values.pop_back();
    svg_ += "<g>\n" + internal::svg_shapes(stretch);
    svg_ += fmt::format(
        "<animateTransform attributeName=\"transform\" type=\"translate\" values=\"{}\" {}/>\n</g>\n", values,
        run_text());
  }

  Point place(int frame, std::size_t joint) const {
    const auto i = static_cast<std::size_t>(frame);
    const sodarace::Point& point = frames_[i]->joints[joint];
    return camera_.place(point.x - centers_[i], point.y);
  }

  // A path whose shape in each frame is what `shape_in` says.
  template <typename ShapeIn>
  void add_moving_path(Color color, double width, const ShapeIn& shape_in) {
    svg_ += fmt::format(
        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" d=\"{}\"><animate attributeName=\"d\" {} "
        "values=\"",
        color.hex(), svg_number(width), shape_in(0), run_text());
    for (int frame = 0; frame < timing_.frames; ++frame) svg_ += shape_in(frame) + ";";
    svg_.back() = '"';
    svg_ += "/></path>\n";
  }

  void add_muscles(bool active) {
    for (const sodarace::Muscle& muscle : recording_.walker.muscles) {
      if (muscle.active != active) continue;
      const internal::MuscleLook look = internal::look_of(muscle);
      add_moving_path(look.color, internal::stroke_width(look, camera_), [&](int frame) {
        return fmt::format("M{}L{}", place_text(place(frame, muscle.a)), place_text(place(frame, muscle.b)));
      });
    }
  }

  // All joints in one path: lines of no length with round ends.
  void add_joints() {
    const double diameter = 2.0 * std::max(internal::kJointRadius * camera_.scale, 1.2);
    add_moving_path(kInk, diameter, [&](int frame) {
      std::string shape;
      for (std::size_t joint = 0; joint < recording_.walker.joints.size(); ++joint) {
        shape += fmt::format("M{}h0", place_text(place(frame, joint)));
      }
      return shape;
    });
  }

  // One text for every half second, shown in turn.
  void add_clock() {
    const int every = std::max(timing_.frames_per_second / 2, 1);
    for (int frame = 0; frame < timing_.frames - 1; frame += every) {
      const auto share = [&](int at) { return fmt::format("{:.5g}", at / (timing_.frames - 1.0)); };
      const bool last = frame + every >= timing_.frames - 1;
      std::string values = frame == 0 ? "inline" : "none;inline";
      std::string times = frame == 0 ? "0" : fmt::format("0;{}", share(frame));
      if (!last) {
        values += ";none";
        times += fmt::format(";{}", share(frame + every));
      }
      const auto i = static_cast<std::size_t>(frame);
      const double elapsed = static_cast<double>(frame) / timing_.frames_per_second;
      svg_ += fmt::format(
          "<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-weight=\"bold\" text-anchor=\"end\" fill=\"{}\" "
          "display=\"{}\">"
          "{}   {}<animate attributeName=\"display\" calcMode=\"discrete\" values=\"{}\" keyTimes=\"{}\" "
          "{}/></text>\n",
          svg_number(options_.width - internal::kAnimationMargin), svg_number(internal::kTextBaseline),
          svg_number(internal::kClockText.size), kInk.hex(), frame == 0 ? "inline" : "none",
          internal::measure_text(std::fabs(centers_[i] - centers_[0]), "units"),
          internal::measure_text(elapsed, "s"), values, times, run_text());
    }
  }

  const Recording& recording_;
  const AnimationOptions& options_;
  internal::View camera_;
  internal::SvgTiming timing_;
  std::vector<const sodarace::Frame*> frames_;
  std::vector<double> centers_;  // of mass, along x, by frame
  std::string svg_;
};

}  // namespace

std::string to_animated_svg(const Recording& recording, const AnimationOptions& options) {
  return Animator(recording, options).write();
}

}  // namespace samara::picture
