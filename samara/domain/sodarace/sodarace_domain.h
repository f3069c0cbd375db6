// SodaraceDomain: evolves Python programs that build walking robots. A program's walker is built in the
// sandbox, checked by walker_parser.h and walked by a Simulator; fitness is how far it gets.
// docs/sodarace.md is the user's view. The same program gets the same bits in any run, batch, order or
// thread, on every machine. Immutable: one domain is shared by any number of threads; an evaluator is used by
// one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "samara/domain/domain.h"
#include "samara/domain/sodarace/simulator.h"
#include "samara/domain/sodarace/terrain.h"
#include "samara/domain/sodarace/walker.h"
#include "samara/domain/sodarace/walker_builder.h"
#include "samara/sandbox/python_runner.h"

namespace samara::sodarace {

/// Which of a robust evaluation's walks counts; see SodaraceOptions.
enum class RobustAggregate { kWorst, kMean };

/// All of these affect results.
struct SodaraceOptions {
  std::string simulator = "lanes";  ///< "lanes" (fast) or "box2d" (the reference)
  /// Replays with slightly shifted joints (replay.h), beside the walk itself. Progress counts along the
  /// direction of the walk itself, so that walking the other way in a replay counts against the walker. 0:
  /// the walk alone counts.
  unsigned robust_replays = 0;
  RobustAggregate robust_aggregate = RobustAggregate::kWorst;
};

class SodaraceDomain : public Domain {
 public:
  /// `options.simulator` names a simulator.
  explicit SodaraceDomain(SodaraceOptions options = {});
  ~SodaraceDomain() override;

  std::string name() const override { return "sodarace"; }
  std::span<const BehaviorDimension> behavior_dimensions() const override;
  std::span<const Seed> seeds() const override;

  /// walker_harness(), for a runner that evaluators of this domain use.
  static Harness harness() { return walker_harness(); }

  const Simulator& simulator() const { return *simulator_; }
  const Terrain& terrain() const { return terrain_; }

  /// Scores walkers: Walk::progress, its sign dropped, after any robust replays. One evaluation per walker,
  /// in order; kInvalidPhenotype when the physics breaks down.
  std::vector<Evaluation> score(std::span<const Walker> walkers) const;

  /// Builds and scores programs. The domain and the runner must outlive the evaluator.
  std::unique_ptr<Evaluator> make_evaluator(PythonRunner& runner, std::size_t harness) const;

 private:
  SodaraceOptions options_;
  std::unique_ptr<Simulator> simulator_;
  Terrain terrain_;
};

}  // namespace samara::sodarace
