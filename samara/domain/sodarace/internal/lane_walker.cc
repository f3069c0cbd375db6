#include "samara/domain/sodarace/internal/lane_walker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "samara/domain/sodarace/cosine.h"
#include "samara/domain/sodarace/placement.h"

namespace samara::sodarace {
namespace {

/// The joint that owns each muscle: of its two the one that owns less so far, the passive ones first, so that
/// these and all muscles are spread evenly.
std::vector<std::uint32_t> choose_owners(const std::vector<Muscle>& muscles, std::size_t joints) {
  std::vector<std::uint32_t> owners(muscles.size());
  std::vector<std::uint32_t> owned(joints, 0);
  for (const bool active : {false, true}) {
    for (std::size_t i = 0; i < muscles.size(); ++i) {
      const Muscle& muscle = muscles[i];
      if (muscle.active != active) continue;
      owners[i] = owned[muscle.b] < owned[muscle.a] ? muscle.b : muscle.a;
      ++owned[owners[i]];
    }
  }
  return owners;
}

/// As the kernel computes it, so that a placed walker's passive muscles have exactly their length.
float distance(Point a, Point b) {
  const float dx = b.x - a.x;
  const float dy = b.y - a.y;
  return std::sqrt(dx * dx + dy * dy);
}

LaneWalker::OwnedMuscle make_muscle(const Muscle& muscle, std::uint32_t other, float length) {
  LaneWalker::OwnedMuscle made{.other = other, .active = muscle.active, .mean = length};
  if (muscle.active) {
    // cos(a + b) = cos(a) cos(b) - sin(a) sin(b); the sine is the cosine a quarter of a turn earlier.
    const double stroke = double{length} * muscle.amplitude;
    made.cosine = static_cast<float>(stroke * cosine_of_turns(muscle.phase));
    made.sine = static_cast<float>(-stroke * cosine_of_turns(muscle.phase - 0.25));
  }
  return made;
}

}  // namespace

LaneWalker make_lane_walker(const Walker& walker, std::span<const Point> placed) {
  const std::vector<Muscle> muscles = canonical_muscles(walker);
  const std::vector<std::uint32_t> owners = choose_owners(muscles, placed.size());

  std::vector<std::uint32_t> owned(placed.size(), 0);
  std::vector<std::uint32_t> passive(placed.size(), 0);
  for (std::size_t i = 0; i < muscles.size(); ++i) {
    ++owned[owners[i]];
    if (!muscles[i].active) ++passive[owners[i]];
  }
  std::vector<std::uint32_t> order(placed.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::uint32_t joint) { return std::tuple(owned[joint], passive[joint]); });
  std::vector<std::uint32_t> rank_of(placed.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) rank_of[order[rank]] = rank;

  LaneWalker made;
  made.muscles = static_cast<std::uint32_t>(muscles.size());
  for (const std::uint32_t joint : order) {
    LaneWalker::RankedJoint& ranked = made.ranks.emplace_back();
    ranked.index = joint;
    ranked.place = ranked.anchor = placed[joint];
    ranked.passive = passive[joint];
    ranked.muscles.reserve(owned[joint]);
  }
  for (const bool active : {false, true}) {
    for (std::size_t i = 0; i < muscles.size(); ++i) {
      const Muscle& muscle = muscles[i];
      if (muscle.active != active) continue;
      const std::uint32_t other = owners[i] == muscle.a ? muscle.b : muscle.a;
      made.ranks[rank_of[owners[i]]].muscles.push_back(
          make_muscle(muscle, rank_of[other], distance(placed[muscle.a], placed[muscle.b])));
    }
  }
  return made;
}

std::vector<Point> places(const LaneWalker& walker) {
  std::vector<Point> places(walker.ranks.size());
  for (const LaneWalker::RankedJoint& joint : walker.ranks) places[joint.index] = joint.place;
  return places;
}

}  // namespace samara::sodarace
