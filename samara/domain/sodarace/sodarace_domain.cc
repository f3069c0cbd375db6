#include "samara/domain/sodarace/sodarace_domain.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "samara/domain/sodarace/behavior.h"
#include "samara/domain/sodarace/box2d_simulator.h"
#include "samara/domain/sodarace/lane_simulator.h"
#include "samara/domain/sodarace/replay.h"
#include "samara/domain/sodarace/seeds.h"

namespace samara::sodarace {
namespace {

std::unique_ptr<Simulator> make_simulator(std::string_view name) {
  if (name == "lanes") return std::make_unique<LaneSimulator>();
  SAMARA_CHECK(name == "box2d");
  return std::make_unique<Box2dSimulator>();
}

/// A walker's fitness from the walk itself, which comes first, and its replays.
Evaluation aggregate(const Walker& walker, std::span<const WalkResult> walks, RobustAggregate how) {
  double direction = 0.0;
  double worst = 0.0;
  double sum = 0.0;
  for (const WalkResult& result : walks) {
    if (const auto* bad = std::get_if<InvalidWalk>(&result)) {
      return Failure{Outcome::kInvalidPhenotype, bad->reason};
    }
    const double progress = std::get<Walk>(result).progress;
    if (&result == &walks.front()) {
      direction = progress < 0.0 ? -1.0 : 1.0;
      worst = direction * progress;
    }
    worst = std::min(worst, direction * progress);
    sum += direction * progress;
  }
  const double mean = sum / static_cast<double>(walks.size());
  return Score{std::max(0.0, how == RobustAggregate::kWorst ? worst : mean), behavior_of(walker)};
}

class SodaraceEvaluator : public Evaluator {
 public:
  SodaraceEvaluator(const SodaraceDomain& domain, PythonRunner& runner, std::size_t harness)
      : domain_(domain), runner_(runner), harness_(harness) {}

  Result<std::vector<Evaluation>> evaluate(std::span<const Program* const> programs) override {
    SAMARA_TRY(std::vector<Build> builds, build_walkers(runner_, harness_, programs));
    std::vector<Evaluation> evaluations(builds.size());
    std::vector<Walker> walkers;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < builds.size(); ++i) {
      if (auto* failure = std::get_if<Failure>(&builds[i])) {
        evaluations[i] = std::move(*failure);
      } else {
        walkers.push_back(std::get<Walker>(std::move(builds[i])));
        places.push_back(i);
      }
    }
    std::vector<Evaluation> scores = domain_.score(walkers);
    for (std::size_t i = 0; i < scores.size(); ++i) evaluations[places[i]] = std::move(scores[i]);
    return evaluations;
  }

 private:
  const SodaraceDomain& domain_;
  PythonRunner& runner_;
  std::size_t harness_;
};

}  // namespace

SodaraceDomain::SodaraceDomain(SodaraceOptions options)
    : options_(std::move(options)),
      simulator_(make_simulator(options_.simulator)),
      terrain_(flat_terrain()) {}

SodaraceDomain::~SodaraceDomain() = default;

std::span<const BehaviorDimension> SodaraceDomain::behavior_dimensions() const {
  return sodarace::behavior_dimensions();
}

std::span<const Seed> SodaraceDomain::seeds() const {
  return seed_programs();
}

std::vector<Evaluation> SodaraceDomain::score(std::span<const Walker> walkers) const {
  const std::size_t walks_each = 1 + options_.robust_replays;
  std::vector<WalkResult> walks;
  if (walks_each == 1) {
    walks = simulator_->walk(walkers, terrain_);
  } else {
    std::vector<Walker> replayed;
    replayed.reserve(walkers.size() * walks_each);
    for (const Walker& walker : walkers) {
      replayed.push_back(walker);
      for (unsigned r = 1; r <= options_.robust_replays; ++r)
        replayed.push_back(shifted_for_replay(walker, r));
    }
    walks = simulator_->walk(replayed, terrain_);
  }
  std::vector<Evaluation> evaluations;
  evaluations.reserve(walkers.size());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    evaluations.push_back(aggregate(walkers[i], std::span(walks).subspan(i * walks_each, walks_each),
                                    options_.robust_aggregate));
  }
  return evaluations;
}

std::unique_ptr<Evaluator> SodaraceDomain::make_evaluator(PythonRunner& runner, std::size_t harness) const {
  return std::make_unique<SodaraceEvaluator>(*this, runner, harness);
}

}  // namespace samara::sodarace
