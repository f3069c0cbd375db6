#include "samara/domain/sodarace/behavior.h"

#include <algorithm>
#include <array>

#include "samara/base/check.h"

namespace samara::sodarace {

std::span<const BehaviorDimension> behavior_dimensions() {
  static const std::array<BehaviorDimension, 3> dimensions{{
      {"height", "units", 0.0, 24.0},
      {"width", "units", 0.0, 24.0},
      {"mass", "joints", 0.0, 48.0},
  }};
  return dimensions;
}

Behavior behavior_of(const Walker& walker) {
  SAMARA_CHECK(!walker.joints.empty());
  const auto [left, right] = std::ranges::minmax(walker.joints, {}, &Joint::x);
  const auto [bottom, top] = std::ranges::minmax(walker.joints, {}, &Joint::y);
  return {double{top.y} - bottom.y, double{right.x} - left.x, static_cast<double>(walker.joints.size())};
}

}  // namespace samara::sodarace
