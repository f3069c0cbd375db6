#include "samara/domain/sodarace/terrain.h"

#include "samara/base/check.h"

namespace samara::sodarace {

Terrain flat_terrain() {
  return {.name = "flat", .ground = {{-1.0f, 0.0f}, {1.0f, 0.0f}}, .obstacles = {}};
}

double ground_height(const Terrain& terrain, double x) {
  const std::vector<Point>& ground = terrain.ground;
  SAMARA_CHECK(!ground.empty());
  if (x <= ground.front().x) return ground.front().y;
  for (std::size_t i = 1; i < ground.size(); ++i) {
    const Point left = ground[i - 1];
    const Point right = ground[i];
    if (x <= right.x) {
      return left.y + (double{right.y} - left.y) * (x - left.x) / (double{right.x} - left.x);
    }
  }
  return ground.back().y;
}

}  // namespace samara::sodarace
