// LaneGroup: walkers that take a turn side by side, laid out for the lane kernel. Read lane_walker.h for the
// order of their parts and lane_state.h for the memory. What a walker does is independent of the others in
// its group. Used by one thread.
#pragma once

#include <span>
#include <vector>

#include "samara/domain/sodarace/internal/lane_state.h"
#include "samara/domain/sodarace/internal/lane_walker.h"

namespace samara::sodarace {

template <int kLanes>
class LaneGroup {
 public:
  /// At most kLanes walkers, one per lane, which must outlive the group.
  explicit LaneGroup(std::span<LaneWalker* const> walkers);

  int lanes() const { return static_cast<int>(walkers_.size()); }
  LaneWalker& walker(int lane) { return *walkers_[lane]; }

  /// One step of all walkers.
  void step();
  /// What the last step did to the walker of a lane.
  StepReport report(int lane) const;
  /// Brings the walker of a lane up to date, to go on in another group.
  void unload(int lane);

 private:
  void lay_out();
  void pad(int lane);
  void load(int lane);

  std::vector<LaneWalker*> walkers_;
  std::vector<LanePairs<kLanes>> place_;
  std::vector<LanePairs<kLanes>> before_;
  std::vector<LanePairs<kLanes>> anchor_;
  std::vector<LanePairs<kLanes>> velocity_;
  std::vector<LaneContact<kLanes>> contact_;
  std::vector<int> touching_;
  std::vector<int> first_muscle_;
  std::vector<int> rods_end_;
  std::vector<LaneMuscle<kLanes>> muscle_;
  std::vector<LaneLength<kLanes>> length_;
  std::vector<LaneRod<kLanes>> rod_;
  LaneState<kLanes> state_;
};

extern template class LaneGroup<4>;
extern template class LaneGroup<8>;
extern template class LaneGroup<16>;

}  // namespace samara::sodarace
