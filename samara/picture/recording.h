// Recording: a walk that a simulator showed, kept for pictures. Read domain/sodarace/simulator.h first and
// walker_picture.h and animation.h after. The same walker gives the same recording. Plain values and free
// functions; safe to call from many threads.
#pragma once

#include <limits>
#include <vector>

#include "samara/base/result.h"
#include "samara/domain/sodarace/simulator.h"

namespace samara::picture {

struct Recording {
  sodarace::Walker walker;
  /// At least one, in order of time: the walker at rest as measuring starts, then every step.
  std::vector<sodarace::Frame> frames;
  double displacement = 0.0;  ///< program units, of the whole walk, signed

  double seconds() const { return frames.back().seconds; }
  /// The last frame that is not after `seconds`, or the first.
  const sodarace::Frame& at(double seconds) const;
};

/// Walks the walker and keeps the first `seconds` of what is measured. Errors: kInvalidData when the walk is
/// invalid.
Result<Recording> record_walk(const sodarace::Simulator& simulator, const sodarace::Walker& walker,
                              const sodarace::Terrain& terrain,
                              double seconds = std::numeric_limits<double>::infinity());

/// Program units; all joints weigh the same.
double center_of_mass_x(const sodarace::Frame& frame);

}  // namespace samara::picture
