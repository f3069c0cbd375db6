#include "samara/picture/walker_picture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "samara/picture/image.h"
#include "samara/picture/internal/fake_simulator.h"

namespace samara::picture {
namespace {

using internal::FakeSimulator;
using internal::square_walker;

Recording recording(double speed = 5.0, double seconds = 4.0) {
  return record_walk(FakeSimulator(speed, seconds), square_walker(), {}).value();
}

std::size_t circles(const Canvas& canvas) {
  std::size_t n = 0;
  for (const Shape& shape : canvas.shapes()) n += std::holds_alternative<shape::Circle>(shape);
  return n;
}

std::size_t lines_of_color(const Canvas& canvas, Color color) {
  std::size_t n = 0;
  for (const Shape& shape : canvas.shapes()) {
    const auto* path = std::get_if<shape::Path>(&shape);
    n += path && path->paint.stroke && path->paint.stroke->color == color;
  }
  return n;
}

TEST(RecordingTest, StartsAtRestAndHoldsEveryMeasuredStep) {
  const Recording walk = recording(5.0, 4.0);
  EXPECT_EQ(walk.frames.front().seconds, 0.0);
  EXPECT_EQ(walk.frames.size(), 241u);
  EXPECT_DOUBLE_EQ(walk.seconds(), 4.0);
  EXPECT_DOUBLE_EQ(walk.displacement, 20.0);
  EXPECT_NEAR(center_of_mass_x(walk.frames.back()) - center_of_mass_x(walk.frames.front()), 20.0, 1e-4);
}

TEST(RecordingTest, CanStopEarly) {
  const Recording walk = record_walk(FakeSimulator(5.0, 4.0), square_walker(), {}, 1.5).value();
  EXPECT_DOUBLE_EQ(walk.seconds(), 1.5);
}

TEST(RecordingTest, TheFrameOfATimeIsTheLastBeforeIt) {
  const Recording walk = recording();
  EXPECT_EQ(walk.at(-1.0).seconds, 0.0);
  EXPECT_EQ(walk.at(1.0).seconds, 1.0);
  EXPECT_EQ(walk.at(1.01).seconds, 1.0);
  EXPECT_EQ(walk.at(99.0).seconds, 4.0);
}

TEST(RecordingTest, AnInvalidWalkIsAnError) {
  class Invalid final : public sodarace::Simulator {
    std::string name() const override { return "invalid"; }
    std::vector<sodarace::WalkResult> walk(std::span<const sodarace::Walker>,
                                           const sodarace::Terrain&) const override {
      return {};
    }
    sodarace::WalkResult watch(const sodarace::Walker&, const sodarace::Terrain&,
                               const std::function<void(const sodarace::Frame&)>&) const override {
      return sodarace::InvalidWalk{"it exploded"};
    }
  };
  const Result<Recording> walk = record_walk(Invalid(), square_walker(), {});
  ASSERT_FALSE(walk.ok());
  EXPECT_EQ(walk.error().code, ErrorCode::kInvalidData);
  EXPECT_NE(walk.error().message.find("it exploded"), std::string::npos);
}

TEST(WalkerPictureTest, AStillHasEveryJointAndMuscle) {
  const Canvas canvas = draw_still(recording());
  EXPECT_EQ(circles(canvas), 4u);
  EXPECT_EQ(lines_of_color(canvas, phase_color(0.25)), 2u);  // the muscle, and a sample in the key
}

TEST(WalkerPictureTest, StrongerMusclesAreWider) {
  Recording walk = recording();
  walk.walker.muscles = {{0, 1, true, 0.05f, 0.4f}, {1, 2, true, 0.3f, 0.4f}};
  std::vector<double> widths;
  for (const Shape& shape : draw_still(walk).shapes()) {
    const auto* path = std::get_if<shape::Path>(&shape);
    if (path && path->paint.stroke && path->paint.stroke->color == phase_color(0.4f)) {
      widths.push_back(path->paint.stroke->width);
    }
  }
  ASSERT_EQ(widths.size(), 2u);
  EXPECT_GT(widths[1], 1.5 * widths[0]);
}

TEST(WalkerPictureTest, AStrobeHasEveryMoment) {
  for (const int moments : {2, 5, 9}) {
    EXPECT_EQ(circles(draw_strobe(recording(), moments)), 4u * static_cast<unsigned>(moments));
  }
}

TEST(WalkerPictureTest, EverythingInAStrobeIsInsideThePicture) {
  for (const double speed : {-40.0, 0.0, 0.5, 40.0}) {
    const Canvas canvas = draw_strobe(recording(speed), 6);
    for (const Shape& shape : canvas.shapes()) {
      const auto* circle = std::get_if<shape::Circle>(&shape);
      if (!circle) continue;
      EXPECT_GE(circle->center.x - circle->radius, 0.0);
      EXPECT_LE(circle->center.x + circle->radius, canvas.width());
      EXPECT_GE(circle->center.y - circle->radius, 0.0);
      EXPECT_LE(circle->center.y + circle->radius, canvas.height());
    }
  }
}

TEST(WalkerPictureTest, ASheetHasEveryRobotWithItsFitness) {
  std::vector<SheetEntry> entries;
  for (int i = 0; i < 7; ++i) entries.push_back({recording(), 10.5 + i, fmt::format("robot {}", i)});
  const Canvas canvas = draw_sheet(entries);
  EXPECT_EQ(circles(canvas), 7u * 4u);
  const std::string svg = to_svg(canvas);
  for (int i = 0; i < 7; ++i) {
    EXPECT_NE(svg.find(fmt::format(">robot {}<", i)), std::string::npos);
    EXPECT_NE(svg.find(fmt::format(">{}.5<", 10 + i)), std::string::npos);
  }
}

TEST(WalkerPictureTest, DrawingTwiceGivesTheSameBytes) {
  EXPECT_EQ(to_svg(draw_strobe(recording(), 5)), to_svg(draw_strobe(recording(), 5)));
  EXPECT_EQ(to_png(draw_still(recording())).value(), to_png(draw_still(recording())).value());
}

TEST(WalkerPictureTest, ALonelyJointCanBeDrawn) {
  const Recording walk = record_walk(FakeSimulator(0.0, 1.0), {{{0, 0}}, {}}, {}).value();
  EXPECT_TRUE(to_png(draw_still(walk)).ok());
  EXPECT_TRUE(to_png(draw_strobe(walk, 3)).ok());
}

}  // namespace
}  // namespace samara::picture
