#include "samara/domain/sodarace/sodarace_domain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>

#include "samara/base/file.h"
#include "samara/domain/sodarace/behavior.h"
#include "samara/domain/sodarace/replay.h"
#include "samara/domain/sodarace/seeds.h"
#include "samara/domain/sodarace/walk_procedure.h"

namespace samara::sodarace {
namespace {

std::unique_ptr<PythonRunner> start_runner() {
  PythonRunner::Options options;
  options.harnesses = {SodaraceDomain::harness()};
  auto runner = PythonRunner::start(options);
  EXPECT_TRUE(runner.ok()) << runner.error().message;
  return runner.ok() ? std::move(*runner) : nullptr;
}

std::vector<Evaluation> evaluate(const SodaraceDomain& domain, PythonRunner& runner,
                                 const std::vector<const Program*>& programs) {
  auto evaluations = domain.make_evaluator(runner, 0)->evaluate(programs);
  EXPECT_TRUE(evaluations.ok()) << evaluations.error().message;
  return *evaluations;
}

/// The seeds, variants of them and programs that fail in several ways.
std::vector<Program> some_programs() {
  std::vector<Program> programs;
  for (const Seed& seed : seed_programs()) programs.emplace_back(seed.source);
  const std::string square = seed_programs()[0].source;
  const std::string corner = "j2 = wc.add_joint(right, top)";
  const std::size_t at = square.find(corner);
  EXPECT_NE(at, std::string::npos);
  for (int k = 1; k <= 12; ++k) {
    std::string bent = square;
    programs.emplace_back(
        bent.replace(at, corner.size(), fmt::format("j2 = wc.add_joint(right + {} / 4, top)", k)));
  }
  programs.emplace_back("def make_walker(:\n");
  programs.emplace_back("def make_walker():\n    return 7\n");
  programs.emplace_back("def make_walker():\n    return 1 // 0\n");
  return programs;
}

std::vector<const Program*> pointers(const std::vector<Program>& programs) {
  std::vector<const Program*> result;
  for (const Program& program : programs) result.push_back(&program);
  return result;
}

std::vector<Walker> seed_walkers() {
  const auto runner = start_runner();
  std::vector<Program> programs;
  for (const Seed& seed : seed_programs()) programs.emplace_back(seed.source);
  auto builds = build_walkers(*runner, 0, pointers(programs));
  EXPECT_TRUE(builds.ok()) << builds.error().message;
  std::vector<Walker> walkers;
  for (const Build& built : *builds) walkers.push_back(std::get<Walker>(built));
  return walkers;
}

TEST(SodaraceDomainTest, SeedsAreScoredInsideTheBehaviorRanges) {
  const SodaraceDomain domain;
  for (const Evaluation& evaluation : domain.score(seed_walkers())) {
    ASSERT_TRUE(std::holds_alternative<Score>(evaluation)) << std::get<Failure>(evaluation).message;
    const Score& score = std::get<Score>(evaluation);
    EXPECT_GE(score.fitness, 0.0);
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_GE(score.behavior[d], domain.behavior_dimensions()[d].low);
      EXPECT_LT(score.behavior[d], domain.behavior_dimensions()[d].high);
    }
  }
}

TEST(SodaraceDomainTest, FitnessIsTheDistanceInEitherDirection) {
  const SodaraceDomain domain;
  std::vector<Walker> walkers = seed_walkers();
  std::vector<Walker> mirrored = walkers;
  for (Walker& walker : mirrored) {
    for (Joint& joint : walker.joints) joint.x = -joint.x;
  }
  const auto walks = domain.simulator().walk(walkers, domain.terrain());
  const auto mirrored_walks = domain.simulator().walk(mirrored, domain.terrain());
  const auto scores = domain.score(walkers);
  const auto mirrored_scores = domain.score(mirrored);
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    EXPECT_EQ(std::get<Score>(scores[i]).fitness, std::abs(std::get<Walk>(walks[i]).progress));
    EXPECT_EQ(std::get<Score>(mirrored_scores[i]).fitness,
              std::abs(std::get<Walk>(mirrored_walks[i]).progress));
  }
}

TEST(SodaraceDomainTest, AFailureIsItsProgramsOwn) {
  const auto runner = start_runner();
  const SodaraceDomain domain;
  const std::vector<Program> programs = some_programs();
  const auto evaluations = evaluate(domain, *runner, pointers(programs));
  ASSERT_EQ(evaluations.size(), programs.size());
  const std::size_t n = programs.size();
  for (std::size_t i = 0; i + 3 < n; ++i) EXPECT_TRUE(std::holds_alternative<Score>(evaluations[i])) << i;
  EXPECT_EQ(std::get<Failure>(evaluations[n - 3]).outcome, Outcome::kSyntaxError);
  EXPECT_EQ(std::get<Failure>(evaluations[n - 2]),
            (Failure{Outcome::kInvalidPhenotype,
                     "the walker is an int; a dict with joints and muscles was expected"}));
  EXPECT_EQ(std::get<Failure>(evaluations[n - 1]).outcome, Outcome::kRuntimeError);
}

TEST(SodaraceDomainTest, NothingButTheProgramDecidesAnEvaluation) {
  const std::vector<Program> programs = some_programs();
  const auto runner = start_runner();
  for (const SodaraceOptions& options : {SodaraceOptions{}, SodaraceOptions{.robust_replays = 2}}) {
    const SodaraceDomain domain(options);
    const auto expected = evaluate(domain, *runner, pointers(programs));

    std::vector<const Program*> backwards = pointers(programs);
    std::reverse(backwards.begin(), backwards.end());
    auto reversed = evaluate(domain, *runner, backwards);
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(reversed, expected);

    for (std::size_t i = 0; i < programs.size(); ++i) {
      EXPECT_EQ(evaluate(domain, *runner, {&programs[i]})[0], expected[i]) << "alone: " << i;
    }

    std::thread([&] {
      const auto other_runner = start_runner();
      const SodaraceDomain other_domain(options);
      std::vector<const Program*> twice = pointers(programs);
      for (const Program& program : programs) twice.push_back(&program);
      const auto evaluations = evaluate(other_domain, *other_runner, twice);
      for (std::size_t i = 0; i < twice.size(); ++i) EXPECT_EQ(evaluations[i], expected[i % expected.size()]);
    }).join();
  }
}

TEST(SodaraceDomainTest, RobustFitnessCountsReplaysInTheDirectionOfTheWalk) {
  const std::vector<Walker> walkers = seed_walkers();
  const SodaraceDomain worst({.robust_replays = 3, .robust_aggregate = RobustAggregate::kWorst});
  const SodaraceDomain mean({.robust_replays = 3, .robust_aggregate = RobustAggregate::kMean});
  const auto worst_scores = worst.score(walkers);
  const auto mean_scores = mean.score(walkers);
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    std::vector<Walker> replayed{walkers[i]};
    for (unsigned r = 1; r <= 3; ++r) replayed.push_back(shifted_for_replay(walkers[i], r));
    std::vector<double> along;
    for (const WalkResult& walk : worst.simulator().walk(replayed, worst.terrain())) {
      along.push_back(std::get<Walk>(walk).progress);
    }
    if (along[0] < 0) {
      for (double& progress : along) progress = -progress;
    }
    const double least = *std::min_element(along.begin(), along.end());
    EXPECT_EQ(std::get<Score>(worst_scores[i]).fitness, std::max(0.0, least));
    EXPECT_DOUBLE_EQ(std::get<Score>(mean_scores[i]).fitness,
                     std::max(0.0, (along[0] + along[1] + along[2] + along[3]) / 4));
    EXPECT_EQ(std::get<Score>(worst_scores[i]).behavior, behavior_of(walkers[i]));
  }
}

TEST(SodaraceDomainTest, WhatBalancesFallsBeforeMeasuringStarts) {
  const Walker walkers[] = {
      {{{0, 0}, {10.0f / 1024, 5}}, {{0, 1, false, 0, 0}}},  // a pole, almost upright
      {{{0, 0}, {0, 5}}, {{0, 1, false, 0, 0}}},             // a pole that cannot fall to either side
  };
  for (const char* simulator : {"lanes", "box2d"}) {
    const SodaraceDomain domain({.simulator = simulator});
    const auto scores = domain.score(walkers);
    EXPECT_LT(std::get<Score>(scores[0]).fitness, 1e-3);
    EXPECT_EQ(std::get<Failure>(scores[1]),
              (Failure{Outcome::kInvalidPhenotype, "it neither comes to rest nor falls in 30 seconds"}));
  }
}

TEST(SodaraceDomainTest, Box2dIsTheOtherSimulator) {
  const SodaraceDomain domain({.simulator = "box2d"});
  EXPECT_EQ(domain.simulator().name(), "box2d");
  EXPECT_EQ(SodaraceDomain().simulator().name(), "lanes");
}

/// The walk of joints from places to places, in world units.
Walk walk_between(const std::vector<Point>& start, const std::vector<Point>& end) {
  WalkProcedure procedure;
  while (procedure.phase() != WalkProcedure::Phase::kAtRest) procedure.advance({});
  procedure.begin(start, flat_terrain());
  while (!procedure.over()) procedure.advance({});
  return std::get<Walk>(procedure.result(end));
}

TEST(WalkProgressTest, IsWhatAllOfTheBodyDid) {
  const auto unit = static_cast<float>(kWorldPerProgramUnit);
  const std::vector<Point> body{{0, 1.9f}, {2 * unit, 1.9f}, {unit, 3 * unit}};
  const auto moved = [&](float left, float right, float top) {
    return std::vector<Point>{
        {body[0].x + left * unit, 1.9f}, {body[1].x + right * unit, 1.9f}, {body[2].x + top * unit, unit}};
  };
  EXPECT_NEAR(walk_between(body, moved(5, 5, 5)).progress, 5.0, 1e-5);
  EXPECT_NEAR(walk_between(body, moved(-5, -5, -5)).progress, -5.0, 1e-5);
  EXPECT_EQ(walk_between(body, moved(0, 0, 9)).progress, 0.0) << "fell over: its rear end stayed";
  EXPECT_EQ(walk_between(body, moved(1, 0, 0.5f)).progress, 0.0) << "drew itself in: its front end stayed";
  EXPECT_EQ(walk_between(body, moved(-1, 3, 1)).progress, 0.0) << "stretched out";
  EXPECT_NEAR(walk_between(body, moved(-2, -4, -3)).progress, -2.0, 1e-5) << "the least of the three";
}

// A golden walk is the whole course of a seed's evaluation, in a form to read. It is compared exactly: the
// lane simulator gives the same bits on every machine. After a change on purpose, run this test with
// SAMARA_UPDATE_GOLDEN=1 and review the difference.
std::string golden_walk(const Seed& seed, const Walker& walker, const SodaraceDomain& domain) {
  const auto active = std::ranges::count_if(walker.muscles, &Muscle::active);
  std::string text = fmt::format("seed {}: {} joints, {} muscles, {} of them active\n", seed.name,
                                 walker.joints.size(), walker.muscles.size(), active);
  const Behavior behavior = behavior_of(walker);
  for (std::size_t d = 0; d < 3; ++d) {
    const BehaviorDimension& dimension = domain.behavior_dimensions()[d];
    const double share = (behavior[d] - dimension.low) / (dimension.high - dimension.low);
    text += fmt::format("{} {} {}, bin {} of 12\n", dimension.name, behavior[d], dimension.unit,
                        static_cast<int>(share * 12));
  }
  std::string course;
  const WalkResult walk = domain.simulator().watch(walker, domain.terrain(), [&](const Frame& frame) {
    if (frame.seconds < 0 || std::remainder(frame.seconds, 1.0) != 0.0) return;
    double x = 0;
    double y = 0;
    for (const Point& joint : frame.joints) {
      x += joint.x;
      y += joint.y;
    }
    const auto mass = static_cast<double>(frame.joints.size());
    course += fmt::format("{:>4} {:>12.6f} {:>12.6f}\n", frame.seconds, x / mass, y / mass);
  });
  EXPECT_TRUE(std::holds_alternative<Walk>(walk));
  const Evaluation evaluation = domain.score({&walker, 1})[0];
  text += fmt::format("fitness {} units\n\ncenter of mass\n  s            x            y\n{}",
                      std::get<Score>(evaluation).fitness, course);
  return text;
}

TEST(SodaraceGoldenTest, SeedsWalkAsTheyDid) {
  const SodaraceDomain domain;
  const std::vector<Walker> walkers = seed_walkers();
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    const Seed& seed = seed_programs()[i];
    const std::string path = std::string(SAMARA_GOLDEN_DIR) + "/" + seed.name + ".txt";
    const std::string now = golden_walk(seed, walkers[i], domain);
    if (std::getenv("SAMARA_UPDATE_GOLDEN")) {
      const Status written = write_file(path, now);
      ASSERT_TRUE(written.ok()) << written.error().message;
    }
    const auto golden = read_file(path);
    ASSERT_TRUE(golden.ok()) << golden.error().message << "; run with SAMARA_UPDATE_GOLDEN=1 to make it";
    EXPECT_EQ(now, *golden) << path;
  }
}

}  // namespace
}  // namespace samara::sodarace
