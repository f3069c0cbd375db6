#include "samara/domain/sodarace/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "samara/base/check.h"
#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {
namespace {

/// Program units. The parser's kMaxCoordinate is far below; this is where floats stop being places.
constexpr float kFarthest = 1e4f;

/// The highest ground under a joint's disk at x: what it would touch, or a little more on a slope.
double highest_ground_below(const Terrain& terrain, double x) {
  const double left = x - kJointRadius;
  const double right = x + kJointRadius;
  double highest = std::max(ground_height(terrain, left), ground_height(terrain, right));
  for (const Point& corner : terrain.ground) {
    if (corner.x > left && corner.x < right) highest = std::max(highest, double{corner.y});
  }
  return highest;
}

}  // namespace

std::vector<Point> place(const Walker& walker, const Terrain& terrain) {
  const auto [left, right] = std::ranges::minmax_element(walker.joints, {}, &Joint::x);
  const double bottom = std::ranges::min_element(walker.joints, {}, &Joint::y)->y;
  const double half_width = (double{right->x} - left->x) / 2;

  // Differences of coordinates only, in double, where they are exact: this is what makes shifts and mirrors
  // exact.
  std::vector<Point> placed;
  placed.reserve(walker.joints.size());
  double lift = -std::numeric_limits<double>::infinity();
  for (const Joint& joint : walker.joints) {
    const double x = (double{joint.x} - left->x - half_width) * kWorldPerProgramUnit;
    const double y = (joint.y - bottom) * kWorldPerProgramUnit;
    placed.push_back({static_cast<float>(x), static_cast<float>(y)});
    lift = std::max(lift, highest_ground_below(terrain, x) - y);
  }
  for (Point& point : placed) point.y = static_cast<float>(point.y + lift + kRestHeight);
  return placed;
}

std::vector<Muscle> canonical_muscles(const Walker& walker) {
  std::vector<Muscle> muscles = walker.muscles;
  for (Muscle& muscle : muscles) {
    SAMARA_CHECK(std::max(muscle.a, muscle.b) < walker.joints.size());
    if (muscle.a > muscle.b) std::swap(muscle.a, muscle.b);
  }
  std::ranges::sort(muscles, {},
                    [](const Muscle& m) { return std::tuple(m.a, m.b, m.active, m.amplitude, m.phase); });
  return muscles;
}

std::optional<std::string> why_not_placeable(const Walker& walker) {
  if (walker.joints.empty()) return "the walker has no joints";
  for (std::size_t i = 0; i < walker.joints.size(); ++i) {
    if (!(std::abs(walker.joints[i].x) <= kFarthest && std::abs(walker.joints[i].y) <= kFarthest)) {
      return fmt::format("joint {} is too far away or not a number", i);
    }
  }
  for (std::size_t i = 0; i < walker.muscles.size(); ++i) {
    if (!std::isfinite(walker.muscles[i].amplitude) || !std::isfinite(walker.muscles[i].phase)) {
      return fmt::format("the amplitude or phase of muscle {} is not finite", i);
    }
  }
  return std::nullopt;
}

}  // namespace samara::sodarace
