// WalkFilm: shows a walk's frames to an observer. The frames of settling wait until it is over, because their
// time counts down to its end. Used by one thread.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "samara/domain/sodarace/simulator.h"
#include "samara/domain/sodarace/walk_procedure.h"

namespace samara::sodarace {

class WalkFilm {
 public:
  /// `observe` must outlive the film.
  explicit WalkFilm(const std::function<void(const Frame&)>& observe) : observe_(observe) {}

  /// The joints' world positions when `procedure` is as it is: first as placed, then after every step.
  void add(const WalkProcedure& procedure, std::span<const Point> places);

 private:
  const std::function<void(const Frame&)>& observe_;
  std::vector<Frame> settling_;
};

}  // namespace samara::sodarace
