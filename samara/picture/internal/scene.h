// The walker's world on a canvas: from program units to points, the ground with its distance marks, the
// walker's muscles and joints. Still and moving pictures share it. Not for other modules.
#pragma once

#include <span>
#include <string>

#include "samara/domain/sodarace/physics.h"
#include "samara/domain/sodarace/walker.h"
#include "samara/picture/canvas.h"
#include "samara/picture/recording.h"

namespace samara::picture::internal {

/// Program units.
inline constexpr double kJointRadius = sodarace::kJointRadius / sodarace::kWorldPerProgramUnit;
/// Points below the ground's surface that its marks take.
inline constexpr double kGroundHeight = 34.0;

/// Places program units on a canvas.
struct View {
  double left = 0.0;    ///< program units at the canvas's left edge
  double ground = 0.0;  ///< points from the upper edge to the surface of the ground
  double scale = 1.0;   ///< points per program unit

  Point place(double x, double y) const { return {(x - left) * scale, ground - y * scale}; }
};

/// What some frames cover, joints' radii included. Program units.
struct Extent {
  double left = 0.0;
  double right = 0.0;
  double top = 0.0;

  double width() const { return right - left; }
};
/// @param relative  x is measured from each frame's center of mass
Extent extent_of(std::span<const sodarace::Frame> frames, bool relative);

struct MuscleLook {
  Color color;
  double width;  ///< program units
};
MuscleLook look_of(const sodarace::Muscle& muscle);
/// Points; never so thin that it vanishes.
double stroke_width(const MuscleLook& look, const View& view);

/// @param strength  in [0, 1]: 1 is full color, less fades into a white background
void draw_walker(Canvas& canvas, const sodarace::Walker& walker, const sodarace::Frame& frame,
                 const View& view, double strength = 1.0);

/// Level ground from edge to edge, with marks at round distances from `start`.
void draw_ground(Canvas& canvas, const View& view, double start);

/// "12.3 s" and the like: a number with one decimal and a unit.
std::string measure_text(double value, const std::string& unit);

}  // namespace samara::picture::internal
