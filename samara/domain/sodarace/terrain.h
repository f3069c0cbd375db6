// Terrain: the ground a walker walks on, as one value that the simulator, the renderer and (in stage 3) the
// image for the terrain embedding share. World units. Immutable value.
#pragma once

#include <string>
#include <vector>

namespace samara::sodarace {

struct Point {
  float x = 0.0f;
  float y = 0.0f;
  friend bool operator==(const Point&, const Point&) = default;
};

struct Terrain {
  std::string name;
  /// Ground surface from left to right, x strictly increasing; extended level beyond both ends.
  std::vector<Point> ground;
  /// Solid boxes given by two opposite corners {low, high}, two points each: walls and roofs.
  std::vector<Point> obstacles;
  friend bool operator==(const Terrain&, const Terrain&) = default;
};

/// Level ground at y = 0.
Terrain flat_terrain();

/// Height of the ground at x.
double ground_height(const Terrain& terrain, double x);

}  // namespace samara::sodarace
