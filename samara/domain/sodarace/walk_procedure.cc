#include "samara/domain/sodarace/walk_procedure.h"

#include <algorithm>
#include <limits>

#include "samara/base/check.h"

namespace samara::sodarace {

CenterOfMass center_of_mass(std::span<const Point> places) {
  CenterOfMass sum;
  for (const Point& place : places) {
    sum.x += place.x;
    sum.y += place.y;
  }
  const auto count = static_cast<double>(places.size());
  const auto [left, right] = std::ranges::minmax(places, {}, &Point::x);
  return {sum.x / count, sum.y / count, left.x, right.x};
}

bool stands(std::span<const Point> places, const Terrain& terrain) {
  if (places.size() == 1) return true;
  double left_foot = std::numeric_limits<double>::infinity();
  double right_foot = -left_foot;
  for (const Point& place : places) {
    if (place.y - ground_height(terrain, place.x) > kFootHeight) continue;
    left_foot = std::min(left_foot, double{place.x});
    right_foot = std::max(right_foot, double{place.x});
  }
  const double x = center_of_mass(places).x;
  return x > left_foot + kStanceMargin && x < right_foot - kStanceMargin;
}

void WalkProcedure::begin(std::span<const Point> places, const Terrain& terrain) {
  SAMARA_CHECK(phase_ == Phase::kAtRest);
  still_steps_ = 0;
  if (!stands(places, terrain)) {
    phase_ = Phase::kSettling;
    return;
  }
  phase_ = Phase::kMeasuring;
  steps_ = 0;
  start_ = center_of_mass(places);
}

WalkResult WalkProcedure::result(std::span<const Point> places) const {
  if (phase_ == Phase::kInvalid) return InvalidWalk{failure_};
  const CenterOfMass end = center_of_mass(places);
  const double displacement = end.x - start_.x;
  const double direction = displacement < 0.0 ? -1.0 : 1.0;
  const double least = std::min({direction * displacement, direction * (end.left - start_.left),
                                 direction * (end.right - start_.right)});
  return Walk{.displacement = displacement / kWorldPerProgramUnit,
              .progress = least > 0.0 ? direction * least / kWorldPerProgramUnit : 0.0,
              .descent = (start_.y - end.y) / kWorldPerProgramUnit};
}

}  // namespace samara::sodarace
