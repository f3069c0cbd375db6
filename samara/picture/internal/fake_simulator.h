// FakeSimulator: a simulator for tests of pictures, whose walkers glide along at a steady speed and breathe.
// Not for other modules.
#pragma once

#include <cmath>

#include "samara/domain/sodarace/simulator.h"

namespace samara::picture::internal {

class FakeSimulator final : public sodarace::Simulator {
 public:
  /// @param speed program units per second, @param seconds measured
  FakeSimulator(double speed, double seconds) : speed_(speed), seconds_(seconds) {}

  std::string name() const override { return "fake"; }

  std::vector<sodarace::WalkResult> walk(std::span<const sodarace::Walker> walkers,
                                         const sodarace::Terrain&) const override {
    return std::vector<sodarace::WalkResult>(walkers.size(), result());
  }

  sodarace::WalkResult watch(const sodarace::Walker& walker, const sodarace::Terrain&,
                             const std::function<void(const sodarace::Frame&)>& observe) const override {
    for (int step = -30; step <= static_cast<int>(60.0 * seconds_); ++step) {
      const double t = step / 60.0;
      const double moved = step > 0 ? speed_ * t : 0.0;
      const double size = step > 0 ? 1.0 + 0.1 * std::sin(3.0 * t) : 1.0;
      sodarace::Frame frame{t, {}};
      for (const sodarace::Joint& joint : walker.joints) {
        frame.joints.push_back(
            {static_cast<float>(joint.x + moved), static_cast<float>(joint.y * size + 0.3)});
      }
      observe(frame);
    }
    return result();
  }

 private:
  sodarace::WalkResult result() const {
    sodarace::Walk walk;
    walk.displacement = speed_ * seconds_;
    return walk;
  }

  double speed_;
  double seconds_;
};

/// A square with one active diagonal.
inline sodarace::Walker square_walker() {
  return {{{0, 0}, {10, 0}, {10, 10}, {0, 10}},
          {{0, 1}, {1, 2}, {2, 3}, {0, 3}, {0, 2, true, 0.2f, 0.25f}, {1, 3, false, 0.0f, 0.0f}}};
}

}  // namespace samara::picture::internal
