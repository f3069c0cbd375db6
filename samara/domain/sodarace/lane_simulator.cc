#include "samara/domain/sodarace/lane_simulator.h"

#include <algorithm>
#include <tuple>

#include "samara/base/check.h"
#include "samara/domain/sodarace/internal/float_environment.h"
#include "samara/domain/sodarace/internal/lane_group.h"
#include "samara/domain/sodarace/internal/lane_walker.h"
#include "samara/domain/sodarace/internal/walk_film.h"
#include "samara/domain/sodarace/placement.h"

namespace samara::sodarace {
namespace {

void check_terrain(const Terrain& terrain) {
  SAMARA_CHECK(terrain.obstacles.empty());
  SAMARA_CHECK(std::ranges::all_of(terrain.ground, [](Point point) { return point.y == 0.0f; }));
}

/// Lets the walkers of a group walk until all are over or so many are that others should take their lanes.
template <int kLanes>
void take_turn(std::span<LaneWalker* const> walkers, const Terrain& terrain, std::size_t enough_over,
               WalkFilm* film) {
  LaneGroup<kLanes> group(walkers);
  for (std::size_t over = 0; over < std::min(enough_over, walkers.size());) {
    group.step();
    for (int lane = 0; lane < group.lanes(); ++lane) {
      LaneWalker& walker = group.walker(lane);
      if (walker.procedure.over()) continue;
      const bool rests = walker.procedure.advance(group.report(lane)) == WalkProcedure::Phase::kAtRest;
      if (!rests && !walker.procedure.over() && !film) continue;
      group.unload(lane);
      if (rests) walker.procedure.begin(places(walker), terrain);
      if (film) film->add(walker.procedure, places(walker));
      if (walker.procedure.over()) {
        *walker.result = walker.procedure.result(places(walker));
        ++over;
      }
    }
  }
  for (int lane = 0; lane < group.lanes(); ++lane) {
    if (!group.walker(lane).procedure.over()) group.unload(lane);
  }
}

/// A turn in the shortest vectors that hold all the walkers, at most `width`.
void take_turn(std::span<LaneWalker* const> walkers, const Terrain& terrain, std::size_t enough_over,
               WalkFilm* film) {
  if (walkers.size() > 8) return take_turn<16>(walkers, terrain, enough_over, film);
  if (walkers.size() > 4) return take_turn<8>(walkers, terrain, enough_over, film);
  take_turn<4>(walkers, terrain, enough_over, film);
}

/// Walks them all, `width` at a time. A lane whose walker is done is free for the next one, but changing
/// walkers costs about as much as a step, so it waits for a few.
void walk_all(std::vector<LaneWalker>& walkers, const Terrain& terrain, std::size_t width) {
  // The largest first, and with walkers of like size, which saves padding.
  std::ranges::sort(walkers, std::ranges::greater(),
                    [](const LaneWalker& walker) { return std::tuple(walker.muscles, walker.ranks.size()); });
  std::vector<LaneWalker*> lanes;
  for (auto next = walkers.begin(); next != walkers.end() || !lanes.empty();) {
    while (lanes.size() < width && next != walkers.end()) lanes.push_back(&*next++);
    const bool more = next != walkers.end();
    const std::size_t enough_over = more ? width / 4 : lanes.size() - lanes.size() / 2;
    take_turn(lanes, terrain, enough_over, nullptr);
    std::erase_if(lanes, [](const LaneWalker* walker) { return walker->procedure.over(); });
  }
}

}  // namespace

std::vector<LaneWidth> available_lane_widths() {
  std::vector<LaneWidth> widths{LaneWidth::k4};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) widths.push_back(LaneWidth::k8);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    widths.push_back(LaneWidth::k16);
  }
#endif
  return widths;
}

LaneSimulator::LaneSimulator(LaneOptions options) : options_(options) {
  SAMARA_CHECK(std::ranges::count(available_lane_widths(), options_.width) == 1);
}

std::vector<WalkResult> LaneSimulator::walk(std::span<const Walker> walkers, const Terrain& terrain) const {
  check_terrain(terrain);
  const FloatEnvironment environment;
  std::vector<WalkResult> results(walkers.size());
  std::vector<LaneWalker> placed;
  placed.reserve(walkers.size());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    if (const auto reason = why_not_placeable(walkers[i])) {
      results[i] = InvalidWalk{*reason};
    } else {
      placed.push_back(make_lane_walker(walkers[i], place(walkers[i], terrain)));
      placed.back().result = &results[i];
    }
  }
  walk_all(placed, terrain, static_cast<std::size_t>(options_.width));
  return results;
}

WalkResult LaneSimulator::watch(const Walker& walker, const Terrain& terrain,
                                const std::function<void(const Frame&)>& observe) const {
  check_terrain(terrain);
  if (const auto reason = why_not_placeable(walker)) return InvalidWalk{*reason};
  const FloatEnvironment environment;
  LaneWalker placed = make_lane_walker(walker, place(walker, terrain));
  WalkResult result;
  placed.result = &result;
  WalkFilm film(observe);
  film.add(placed.procedure, places(placed));
  LaneWalker* const lanes[] = {&placed};
  take_turn(lanes, terrain, 1, &film);
  return result;
}

}  // namespace samara::sodarace
