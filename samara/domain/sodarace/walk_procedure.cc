#include "samara/domain/sodarace/walk_procedure.h"

namespace samara::sodarace {

CenterOfMass center_of_mass(std::span<const Point> places) {
  CenterOfMass sum;
  for (const Point& place : places) {
    sum.x += place.x;
    sum.y += place.y;
  }
  const auto count = static_cast<double>(places.size());
  return {sum.x / count, sum.y / count};
}

}  // namespace samara::sodarace
