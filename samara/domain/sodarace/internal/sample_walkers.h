// Sample walkers for the tests and benchmarks of the simulators: random ones as a parser would let them in,
// and the four sizes of the benchmark table. Functions of their arguments alone; thread safe.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "samara/base/rng.h"
#include "samara/domain/sodarace/walker.h"
#include "samara/domain/sodarace/walker_parser.h"

namespace samara::sodarace {

/// Ties the `count` closest pairs of joints by muscles of random properties; a share of them is passive.
inline void tie_closest(Walker& walker, std::size_t count, double passive_share, Rng& rng) {
  struct Pair {
    double distance;
    std::uint32_t a;
    std::uint32_t b;
  };
  std::vector<Pair> pairs;
  for (std::uint32_t a = 0; a < walker.joints.size(); ++a) {
    for (std::uint32_t b = a + 1; b < walker.joints.size(); ++b) {
      const double dx = double{walker.joints[a].x} - walker.joints[b].x;
      const double dy = double{walker.joints[a].y} - walker.joints[b].y;
      // A grid has many pairs as close as each other; chance decides between them.
      pairs.push_back({dx * dx + dy * dy + 0.001 * rng.uniform(), a, b});
    }
  }
  std::ranges::sort(pairs, {}, [](const Pair& pair) { return std::tuple(pair.distance, pair.a, pair.b); });
  pairs.resize(std::min(count, pairs.size()));
  for (const Pair& pair : pairs) {
    Muscle muscle{.a = pair.a, .b = pair.b, .active = !rng.chance(passive_share)};
    if (muscle.active) {
      muscle.amplitude = static_cast<float>(rng.uniform(0.0, kMaxAmplitude));
      muscle.phase = static_cast<float>(rng.below(kTicksPerTurn)) / kTicksPerTurn;
    }
    walker.muscles.push_back(muscle);
  }
}

/// 3 to 24 joints, anywhere in a square, and up to three times as many muscles; connected.
inline Walker random_walker(Rng& rng, double passive_share) {
  const std::size_t joints = 3 + rng.below(22);
  const auto size = static_cast<std::uint32_t>(rng.uniform(2.0, 16.0) * kTicksPerUnit);
  Walker walker;
  while (walker.joints.size() < joints) {
    const Joint joint{static_cast<float>(rng.below(size)) / kTicksPerUnit,
                      static_cast<float>(rng.below(size)) / kTicksPerUnit};
    const auto too_close = [&](const Joint& other) {
      return std::abs(other.x - joint.x) < kMinJointDistance &&
             std::abs(other.y - joint.y) < kMinJointDistance;
    };
    if (std::ranges::none_of(walker.joints, too_close)) walker.joints.push_back(joint);
  }
  tie_closest(walker, joints + rng.below(static_cast<std::uint32_t>(2 * joints)), passive_share, rng);
  return assemble_walker(std::move(walker)).value();
}

/// A grid of columns x rows joints, 1.5 units apart, with so many muscles.
inline Walker grid_walker(int columns, int rows, std::size_t muscles, double passive_share, Rng& rng) {
  Walker walker;
  for (int x = 0; x < columns; ++x) {
    for (int y = 0; y < rows; ++y) {
      walker.joints.push_back({1.5f * static_cast<float>(x), 1.5f * static_cast<float>(y)});
    }
  }
  tie_closest(walker, muscles, passive_share, rng);
  return walker;
}

/// The square with a joint in its center: 5 joints and 8 muscles.
inline Walker square_walker(double passive_share, Rng& rng) {
  Walker walker;
  walker.joints = {{0, 0}, {0, 10}, {10, 10}, {10, 0}, {5, 5}};
  tie_closest(walker, 8, passive_share, rng);
  return walker;
}

}  // namespace samara::sodarace
