// A world without Python or physics, for tests and benchmarks of the loop: a program is two numbers, "x y",
// and its fitness is how near they are to the origin. Operators and evaluators cost almost nothing, so what
// is measured with them is the engine. They meet every kind of result: failures, unchanged programs,
// duplicates.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "samara/archive/grid_map.h"
#include "samara/evolve/evolution.h"

namespace samara::toy {

inline const std::vector<Seed>& seeds() {
  static const std::vector<Seed> kSeeds{{"corner", "9 9"}};
  return kSeeds;
}

inline std::shared_ptr<const NicheMap> niche_map() {
  return std::make_shared<GridMap>(std::vector<GridAxis>{{{"x", -10.0, 10.0}, 12}, {{"y", -10.0, 10.0}, 12}});
}

class Operator : public MutationOperator {
 public:
  /// @param tail follows the numbers of every proposal, to give programs a realistic size
  explicit Operator(std::string tail = "") : tail_(std::move(tail)) {}

  std::span<const std::string> arms() const override { return arms_; }

  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
    std::vector<ProposalResult> results;
    for (const MutationRequest& request : requests) results.push_back(propose_one(request));
    return results;
  }

 private:
  ProposalResult propose_one(const MutationRequest& request) const {
    Rng rng = request.rng;
    const double luck = rng.uniform();
    if (luck < 0.05) return Failure{Outcome::kNoDiff, "no idea"};
    if (luck < 0.10) return Proposal{request.parent->source(), "nothing", false};
    if (luck < 0.15) return Proposal{"broken", "broke it", false};  // the second one is a duplicate
    if (request.arm == 1) return Proposal{request.donor->source() + " ", "took the donor's", true};
    char* end = nullptr;
    const double x = std::strtod(request.parent->source().c_str(), &end);
    const double y = std::strtod(end, nullptr);
    return Proposal{fmt::format("{:.3f} {:.3f}{}", x + rng.uniform(-1, 1), y + rng.uniform(-1, 1), tail_),
                    "moved", false};
  }

  std::vector<std::string> arms_{"toy.move", "toy.donor"};
  std::string tail_;
};

class ToyEvaluator : public Evaluator {
 public:
  Result<std::vector<Evaluation>> evaluate(std::span<const Program* const> programs) override {
    std::vector<Evaluation> results;
    for (const Program* program : programs) {
      char* end = nullptr;
      const double x = std::strtod(program->source().c_str(), &end);
      const double y = std::strtod(end, nullptr);
      if (program->source() == "broken") {
        results.push_back(Failure{Outcome::kSyntaxError, "not two numbers"});
      } else {
        results.push_back(Score{-std::sqrt(x * x + y * y), {x, y}});
      }
    }
    return results;
  }
};

class ToyWorker : public Worker {
 public:
  explicit ToyWorker(std::string tail = "") : operator_(std::move(tail)) {}

  MutationOperator& mutation() override { return operator_; }
  Evaluator& evaluator() override { return evaluator_; }

 private:
  Operator operator_;
  ToyEvaluator evaluator_;
};

inline Result<std::unique_ptr<Worker>> make_worker() {
  return std::unique_ptr<Worker>(new ToyWorker);
}

}  // namespace samara::toy
