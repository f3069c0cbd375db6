// Domain: what is evolved. It names its behavior dimensions and seeds and makes evaluators, which turn
// programs into scores or failures. Evaluation is a pure function of the program (and the domain's settings):
// same text, same bits, in any thread, batch or order. A Domain is immutable and shared; an Evaluator is used
// by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/program/evaluation.h"

namespace samara {

/// One axis of the behavior space. What lies outside [low, high] falls into the border niche.
struct BehaviorDimension {
  std::string name;
  std::string unit;
  double low = 0.0;
  double high = 1.0;
  bool grows = false;      ///< the range is not known beforehand: it follows the values
  std::uint32_t bins = 0;  ///< of a grid, where the domain says how many; 0: it does not
};

struct Seed {
  std::string name;
  std::string source;
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// One evaluation per program, in order. An Error means that the evaluator cannot go on at all.
  virtual Result<std::vector<Evaluation>> evaluate(std::span<const Program* const> programs) = 0;
};

class Domain {
 public:
  virtual ~Domain() = default;
  virtual std::string name() const = 0;
  virtual std::span<const BehaviorDimension> behavior_dimensions() const = 0;
  virtual std::span<const Seed> seeds() const = 0;
};

}  // namespace samara
