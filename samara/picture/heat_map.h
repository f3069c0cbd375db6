// Heat maps: an archive as a picture, every niche in the color of its elite's fitness. Read archive/archive.h
// first and image.h after. The same archive gives the same picture, bit for bit as SVG. Pure: safe to call
// from many threads.
#pragma once

#include <string>
#include <vector>

#include "samara/archive/archive.h"
#include "samara/picture/canvas.h"

namespace samara::picture {

struct HeatMapOptions {
  std::string title;
  std::string fitness_name = "fitness";  ///< with its unit
  std::vector<std::string> units;        ///< of the behavior axes, in order; missing ones: none
  /// Which behavior axes run to the right and up. A third axis of a grid makes one panel per bin.
  std::size_t x_axis = 0;
  std::size_t y_axis = 1;
};

/// The map's kind and dimensions decide the picture: one dimension gives bars; a grid of two one map and of
/// three one map per bin of the third axis; other maps of two dimensions the Voronoi cells of their centers.
/// What has more dimensions is projected: a dot at each niche's center, the fittest on top. Occupied niches
/// have a tooltip.
Canvas draw_heat_map(const Archive& archive, const HeatMapOptions& options = {});

}  // namespace samara::picture
