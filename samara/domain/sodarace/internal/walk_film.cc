#include "samara/domain/sodarace/internal/walk_film.h"

#include "samara/domain/sodarace/physics.h"

namespace samara::sodarace {

void WalkFilm::add(const WalkProcedure& procedure, std::span<const Point> places) {
  Frame frame{.seconds = procedure.steps() / kStepsPerSecond, .joints = {}};
  frame.joints.reserve(places.size());
  for (const Point& place : places) {
    frame.joints.push_back({static_cast<float>(place.x / kWorldPerProgramUnit),
                            static_cast<float>(place.y / kWorldPerProgramUnit)});
  }
  const bool settling = procedure.phase() == WalkProcedure::Phase::kSettling;
  if (!settling && settling_.empty()) {
    observe_(frame);
    return;
  }
  settling_.push_back(std::move(frame));
  if (settling) return;
  for (std::size_t i = 0; i < settling_.size(); ++i) {
    settling_[i].seconds =
        (static_cast<double>(i + 1) - static_cast<double>(settling_.size())) / kStepsPerSecond;
    observe_(settling_[i]);
  }
  settling_.clear();
}

}  // namespace samara::sodarace
