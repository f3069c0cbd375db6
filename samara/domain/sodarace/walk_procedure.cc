#include "samara/domain/sodarace/walk_procedure.h"

#include <algorithm>

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

WalkResult WalkProcedure::result(const CenterOfMass& start, const CenterOfMass& end) const {
  if (phase_ == Phase::kInvalid) return InvalidWalk{failure_};
  const double displacement = end.x - start.x;
  const double direction = displacement < 0.0 ? -1.0 : 1.0;
  const double least = std::min(
      {direction * displacement, direction * (end.left - start.left), direction * (end.right - start.right)});
  return Walk{.displacement = displacement / kWorldPerProgramUnit,
              .progress = least > 0.0 ? direction * least / kWorldPerProgramUnit : 0.0,
              .descent = (start.y - end.y) / kWorldPerProgramUnit};
}

}  // namespace samara::sodarace
