#include "samara/picture/recording.h"

#include <algorithm>

namespace samara::picture {

const sodarace::Frame& Recording::at(double seconds) const {
  const auto after =
      std::upper_bound(frames.begin(), frames.end(), seconds,
                       [](double t, const sodarace::Frame& frame) { return t < frame.seconds; });
  return after == frames.begin() ? frames.front() : *(after - 1);
}

Result<Recording> record_walk(const sodarace::Simulator& simulator, const sodarace::Walker& walker,
                              const sodarace::Terrain& terrain, double seconds) {
  Recording recording{walker, {}, 0.0};
  std::vector<sodarace::Frame>& frames = recording.frames;
  const sodarace::WalkResult result = simulator.watch(walker, terrain, [&](const sodarace::Frame& frame) {
    if (frame.seconds > seconds) return;
    if (!frames.empty() && frame.seconds <= 0.0) frames.clear();  // still settling: keep the latest
    frames.push_back(frame);
  });
  if (const auto* invalid = std::get_if<sodarace::InvalidWalk>(&result)) {
    return make_error(ErrorCode::kInvalidData, "there is no walk to draw: {}", invalid->reason);
  }
  if (frames.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "there is no moment to draw in {} seconds; ask for more",
                      seconds);
  }
  recording.displacement = std::get<sodarace::Walk>(result).displacement;
  return recording;
}

double center_of_mass_x(const sodarace::Frame& frame) {
  double sum = 0.0;
  for (const sodarace::Point& joint : frame.joints) sum += joint.x;
  return sum / static_cast<double>(frame.joints.size());
}

}  // namespace samara::picture
