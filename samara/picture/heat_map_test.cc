#include "samara/picture/heat_map.h"

#include <gtest/gtest.h>

#include "samara/archive/cvt_map.h"
#include "samara/archive/grid_map.h"
#include "samara/base/rng.h"
#include "samara/picture/image.h"

namespace samara::picture {
namespace {

std::shared_ptr<const NicheMap> grid(std::initializer_list<std::uint32_t> bins) {
  static constexpr const char* kNames[] = {"height", "width", "mass", "speed"};
  std::vector<GridAxis> axes;
  for (const std::uint32_t n : bins) axes.push_back({{kNames[axes.size()], 0.0, 10.0}, n});
  return std::make_shared<GridMap>(axes);
}

std::shared_ptr<const NicheMap> cvt(std::size_t dimensions, std::uint32_t cells) {
  std::vector<BehaviorAxis> axes;
  for (std::size_t i = 0; i < dimensions; ++i) axes.push_back({"axis" + std::to_string(i), -1.0, 1.0});
  return std::make_shared<CvtMap>(axes, CvtOptions{.cells = cells});
}

Archive filled(std::shared_ptr<const NicheMap> map, int programs) {
  Archive archive(map);
  Rng rng(1);
  for (int i = 0; i < programs; ++i) {
    Record record;
    record.program = ProgramId::of(std::to_string(i));
    record.score = Score{rng.uniform(-5.0, 20.0), {}};
    for (const BehaviorAxis& axis : map->axes())
      record.score->behavior.push_back(rng.uniform(axis.low, axis.high));
    archive.insert(record, 1);
  }
  return archive;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

struct Case {
  const char* name;
  std::shared_ptr<const NicheMap> map;
};

class HeatMapTest : public testing::TestWithParam<Case> {};

TEST_P(HeatMapTest, EveryOccupiedNicheHasOneCellWithATooltip) {
  const Archive archive = filled(GetParam().map, 40);
  ASSERT_LT(archive.elites().size(), archive.map().size());
  const std::string svg = to_svg(draw_heat_map(archive));
  EXPECT_EQ(count(svg, "<title>"), archive.elites().size());
}

TEST_P(HeatMapTest, EveryEmptyNicheIsDrawnAsSuch) {
  const Archive archive = filled(GetParam().map, 40);
  const std::string empty = "fill=\"" + kEmptyNiche.hex() + "\" stroke";
  // One more stands in the legend.
  EXPECT_EQ(count(to_svg(draw_heat_map(archive)), empty), archive.map().size() - archive.elites().size() + 1);
}

TEST_P(HeatMapTest, AnEmptyArchiveCanBeDrawn) {
  const Archive archive(GetParam().map);
  const std::string svg = to_svg(draw_heat_map(archive));
  EXPECT_EQ(count(svg, "<title>"), 0u);
  EXPECT_NE(svg.find("coverage 0.0%"), std::string::npos);
  EXPECT_TRUE(to_png(draw_heat_map(archive)).ok());
}

TEST_P(HeatMapTest, DrawingTwiceGivesTheSameBytes) {
  const Archive archive = filled(GetParam().map, 40);
  EXPECT_EQ(to_svg(draw_heat_map(archive)), to_svg(draw_heat_map(archive)));
  EXPECT_EQ(to_png(draw_heat_map(archive), 1.0).value(), to_png(draw_heat_map(archive), 1.0).value());
}

INSTANTIATE_TEST_SUITE_P(Maps, HeatMapTest,
                         testing::Values(Case{"grid1", grid({60})}, Case{"grid2", grid({9, 8})},
                                         Case{"grid3", grid({5, 4, 6})}, Case{"grid4", grid({3, 3, 3, 3})},
                                         Case{"cvt1", cvt(1, 60)}, Case{"cvt2", cvt(2, 100)},
                                         Case{"cvt5", cvt(5, 100)}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(HeatMapGridTest, ThePanelsAreTheBinsOfTheRemainingAxis) {
  HeatMapOptions options;
  options.units = {"units", "units", "joints"};
  const Archive archive = filled(grid({5, 4, 2}), 20);
  const std::string svg = to_svg(draw_heat_map(archive, options));
  EXPECT_NE(svg.find(">mass 0 to 5 joints<"), std::string::npos);
  EXPECT_NE(svg.find(">mass 5 to 10 joints<"), std::string::npos);
  EXPECT_NE(svg.find(">height (units)<"), std::string::npos);
  EXPECT_NE(svg.find(">width (units)<"), std::string::npos);
}

TEST(HeatMapGridTest, TheCellOfABehaviorIsWhereItsAxesSay) {
  // One elite at the left of the x axis and the top of the y axis.
  Archive archive(grid({4, 4}));
  Record record;
  record.program = ProgramId::of("p");
  record.score = Score{7.0, {1.0, 9.0}};
  archive.insert(record, 1);
  const Canvas canvas = draw_heat_map(archive);
  double x = 0.0;
  double y = 0.0;
  double most_right = 0.0;
  double lowest = 0.0;
  for (const Shape& shape : canvas.shapes()) {
    const auto* path = std::get_if<shape::Path>(&shape);
    if (!path || !path->closed || path->points.size() != 4 || !path->paint.stroke) continue;
    if (path->paint.stroke->color != kWhite) continue;  // a niche has white seams
    most_right = std::max(most_right, path->points[0].x);
    lowest = std::max(lowest, path->points[0].y);
    if (!path->paint.tooltip.empty()) {
      x = path->points[0].x;
      y = path->points[0].y;
    }
  }
  EXPECT_LT(x, most_right / 2.0);
  EXPECT_LT(y, lowest / 2.0);
}

TEST(HeatMapGridTest, TheCaptionHasTheFieldsNumbers) {
  Archive archive(grid({2, 2}));
  Record record;
  record.program = ProgramId::of("p");
  record.score = Score{7.0, {1.0, 9.0}};
  archive.insert(record, 1);
  const std::string svg = to_svg(draw_heat_map(archive));
  EXPECT_NE(svg.find("coverage 25.0% (1 of 4 niches)"), std::string::npos);
  EXPECT_NE(svg.find("QD score 7"), std::string::npos);
  EXPECT_NE(svg.find("max 7"), std::string::npos);
}

}  // namespace
}  // namespace samara::picture
