// NicheMap: divides the behavior space into niches, in each of which the archive keeps its best program. Read
// grid_map.h and cvt_map.h for the two kinds, then archive.h. The same settings give the same niches, bit for
// bit, on every machine. Immutable once made, so one map is shared by any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "samara/program/evaluation.h"

namespace samara {

/// One dimension of the behavior space, in the domain's units; low < high, both finite.
struct BehaviorAxis {
  std::string name;
  double low = 0.0;
  double high = 1.0;
};

class NicheMap {
 public:
  virtual ~NicheMap() = default;

  /// Number of niches; they are numbered from 0.
  virtual std::uint32_t size() const = 0;

  /// The niche of a behavior: total, because what lies outside the axes (infinities too) is moved to their
  /// nearest point first and so falls into a border niche. A NaN or a wrong number of coordinates is a bug of
  /// the caller.
  virtual std::uint32_t niche_of(std::span<const double> behavior) const = 0;

  /// A behavior inside the niche that stands for it: niche_of(center(n)) == n.
  virtual Behavior center(std::uint32_t niche) const = 0;

  virtual std::span<const BehaviorAxis> axes() const = 0;

  /// The map to use from the moment on when this behavior has been seen; null when it stays this one. Only
  /// maps whose ranges follow the behaviors differ (growing_grid_map.h); every niche of such a map lies
  /// within one niche of the next.
  virtual std::shared_ptr<const NicheMap> after_seeing(std::span<const double> behavior) const {
    (void)behavior;
    return nullptr;
  }

  /// One line that describes the map completely: equal fingerprints mean equal niches.
  virtual std::string fingerprint() const = 0;
};

/// The axes as text for fingerprints: "height=[0,20] width=[0,20]".
std::string axes_text(std::span<const BehaviorAxis> axes);

}  // namespace samara
