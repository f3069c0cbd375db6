#include "samara/picture/animation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "samara/base/file.h"
#include "samara/picture/image.h"
#include "samara/picture/internal/fake_simulator.h"

namespace samara::picture {
namespace {

using internal::FakeSimulator;
using internal::square_walker;

Recording recording(double seconds = 1.0) {
  return record_walk(FakeSimulator(5.0, seconds), square_walker(), {}).value();
}

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / ("animation_test_" + name);
}

std::string partial(const std::filesystem::path& path) {
  return path.string() + ".partial";
}

bool has_ffmpeg() {
  return std::system("ffmpeg -version >/dev/null 2>&1") == 0;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Sets an environment variable while it lives.
class ScopedEnv {
 public:
  ScopedEnv(const char* name, const char* value) : name_(name), before_(getenv(name)) {
    setenv(name, value, 1);
  }
  ~ScopedEnv() { setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

/// Pictures in a GIF file, by walking its blocks (GIF89a specification).
int gif_frames(const std::string& gif) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(gif.at(at)); };
  const auto table_size = [](unsigned char flags) { return flags & 0x80 ? 3u << ((flags & 7) + 1) : 0u; };
  const auto skip_blocks = [&](std::size_t at) {
    while (byte(at) != 0) at += byte(at) + 1u;
    return at + 1;
  };
  int frames = 0;
  std::size_t at = 13 + table_size(byte(10));
  while (byte(at) != 0x3B) {
    if (byte(at) == 0x21) {
      at = skip_blocks(at + 2);
    } else {
      ++frames;
      at = skip_blocks(at + 11 + table_size(byte(at + 9)));
    }
  }
  return frames;
}

TEST(AnimationTest, TheCameraFollowsTheCenterOfMass) {
  const Recording walk = recording(4.0);
  for (const double seconds : {0.0, 1.0, 4.0}) {
    double sum = 0.0;
    int joints = 0;
    for (const Shape& shape : draw_moment(walk, seconds).shapes()) {
      if (const auto* circle = std::get_if<shape::Circle>(&shape)) {
        sum += circle->center.x;
        ++joints;
      }
    }
    ASSERT_EQ(joints, 4);
    EXPECT_NEAR(sum / joints, AnimationOptions().width / 2.0, 1e-3);
  }
}

TEST(AnimationTest, ClockAndDistanceAreShown) {
  const std::string svg = to_svg(draw_moment(recording(4.0), 2.0));
  EXPECT_NE(svg.find("10.0 units"), std::string::npos);
  EXPECT_NE(svg.find("2.0 s"), std::string::npos);
}

TEST(AnimationTest, AnimatedSvgMovesEveryMuscleAndAllJoints) {
  const Recording walk = recording(2.0);
  const std::string svg = to_animated_svg(walk);
  EXPECT_EQ(count(svg, "attributeName=\"d\""), walk.walker.muscles.size() + 1);
  EXPECT_EQ(count(svg, "dur=\"2s\""), count(svg, "<animate"));
  EXPECT_EQ(svg, to_animated_svg(walk));
}

TEST(AnimationTest, AnimatedSvgHasOneShapePerFrame) {
  const Recording walk = recording(2.0);
  const std::filesystem::path path = scratch("walk.svg");
  const AnimationFacts facts = save_animation(walk, path).value();
  const std::string svg = read_file(path).value();
  const std::size_t values = svg.find("values=\"M");
  const std::string shapes = svg.substr(values, svg.find('"', values + 8) - values);
  EXPECT_EQ(count(shapes, "M"), static_cast<std::size_t>(facts.frames));
}

TEST(AnimationTest, LargeAnimatedSvgStaysModerate) {
  sodarace::Walker walker;
  for (int i = 0; i < 60; ++i)
    walker.joints.push_back({static_cast<float>(i % 8), static_cast<float>(i / 8)});
  for (std::uint32_t i = 0; i < 300; ++i) walker.muscles.push_back({i % 60, (i * 7 + 1) % 60});
  const Recording walk = record_walk(FakeSimulator(5.0, 15.0), walker, {}).value();
  EXPECT_LT(to_animated_svg(walk).size(), 1'000'000u);
}

TEST(AnimationTest, AGifHasEveryFrame) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const std::filesystem::path path = scratch("walk.gif");
  const AnimationFacts facts = save_animation(recording(), path, {"a title", 160, 90}).value();
  EXPECT_EQ(facts.frames, 21);
  EXPECT_EQ(gif_frames(read_file(path).value()), facts.frames);
  EXPECT_FALSE(std::filesystem::exists(partial(path)));
}

TEST(AnimationTest, AnMp4IsWritten) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const std::filesystem::path path = scratch("walk.mp4");
  const AnimationFacts facts =
      save_animation(recording(), path, {"a title", 161, 91}).value();  // odd: rounded up
  EXPECT_EQ(facts.frames, 31);
  EXPECT_EQ(read_file(path).value().substr(4, 4), "ftyp");
  EXPECT_FALSE(std::filesystem::exists(partial(path)));
}

TEST(AnimationTest, WithoutFfmpegTheErrorSaysWhatToDo) {
  const ScopedEnv env("PATH", "/nonexistent");
  const auto facts = save_animation(recording(), scratch("missing.gif"));
  ASSERT_FALSE(facts.ok());
  EXPECT_EQ(facts.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(facts.error().message.find("install the package ffmpeg"), std::string::npos);
  EXPECT_NE(facts.error().message.find(".svg"), std::string::npos);
}

TEST(AnimationTest, AnUnwritablePathIsAnErrorThatNamesIt) {
  for (const char* ending : {"gif", "mp4", "svg"}) {
    if (std::string(ending) != "svg" && !has_ffmpeg()) continue;
    const std::string path = std::string("/no/such/folder/walk.") + ending;
    const auto facts = save_animation(recording(), path);
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.error().code, ErrorCode::kIo);
    EXPECT_NE(facts.error().message.find(path), std::string::npos);
  }
}

TEST(AnimationTest, OtherEndingsAreRefused) {
  EXPECT_EQ(save_animation(recording(), scratch("walk.avi")).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace samara::picture
