// Voronoi cells of points in the unit square, for heat maps of CVT archives. Deterministic; pure. Not for
// other modules.
#pragma once

#include <span>
#include <vector>

#include "samara/picture/canvas.h"

namespace samara::picture::internal {

/// By site: the corners of the part of [0, 1] x [0, 1] that is nearer to it than to any other site, in order
/// around it. Of sites at the same place only the first has a cell. Sites that lie too far to the left or
/// right to matter are never looked at.
std::vector<std::vector<Point>> voronoi_cells(std::span<const Point> sites);

}  // namespace samara::picture::internal
