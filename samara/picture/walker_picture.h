// Still pictures of walking robots: one at rest, one walk as a strobe picture, and many robots on a sheet.
// Read recording.h first; animation.h moves them. Gray lines are passive muscles; active ones are colored by
// their phase and wider the larger their amplitude. The same recording gives the same picture. Pure: safe to
// call from many threads.
#pragma once

#include <string>
#include <vector>

#include "samara/picture/canvas.h"
#include "samara/picture/recording.h"

namespace samara::picture {

struct WalkerPictureOptions {
  std::string title;
  std::string caption;
  double width = 900.0;  ///< points
};

/// The robot at rest, with a key to its muscles.
Canvas draw_still(const Recording& recording, const WalkerPictureOptions& options = {});

/// Several moments of the walk in one picture, evenly spaced in time, the earlier the fainter, over ground
/// that is marked with the distance from the start. `moments` is at least 2.
Canvas draw_strobe(const Recording& recording, int moments, const WalkerPictureOptions& options = {});

struct SheetEntry {
  Recording recording;
  double fitness = 0.0;
  std::string caption;  ///< below the fitness
};

/// The robots at rest, each with its fitness as a number and as a bar in proportion to the best of the sheet.
/// At least one entry.
Canvas draw_sheet(const std::vector<SheetEntry>& entries, const WalkerPictureOptions& options = {});

}  // namespace samara::picture
