#include "samara/domain/task/scoring.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samara/domain/task/program_files.h"

namespace samara::task {
namespace {

Measurement measured(std::map<std::string, double> metrics) {
  Measurement result;
  result.metrics = std::move(metrics);
  return result;
}

double fitness(const TaskSpec& spec, const Measurement& m) {
  return fitness_of(spec, m).value();
}

TEST(ScoringTest, FitnessIsTheNamedMetricThenTheCombinedScoreThenTheMean) {
  TaskSpec spec;
  EXPECT_EQ(fitness(spec, measured({{"a", 1}, {"b", 3}})), 2.0);
  EXPECT_EQ(fitness(spec, measured({{"a", 1}, {"combined_score", 7}})), 7.0);
  spec.fitness = "a";
  EXPECT_EQ(fitness(spec, measured({{"a", 1}, {"combined_score", 7}})), 1.0);
  spec.minimized["a"] = true;
  EXPECT_EQ(fitness(spec, measured({{"a", 1}, {"combined_score", 7}})), -1.0);
}

TEST(ScoringTest, TheMeanLeavesOutBehaviorAndFlags) {
  TaskSpec spec;
  spec.behavior = {{"size", {}, {}, 10}};
  Measurement m = measured({{"a", 1}, {"size", 100}, {"valid", 1}, {"b", 2}});
  m.flags = {"valid"};
  EXPECT_EQ(fitness(spec, m), 1.5);
  spec.minimized["b"] = true;
  EXPECT_EQ(fitness(spec, m), -0.5);
}

TEST(ScoringTest, WhatIsNoFiniteNumberIsNoScore) {
  TaskSpec spec;
  Measurement m = measured({{"a", 1}});
  m.not_finite = {"combined_score"};
  EXPECT_FALSE(fitness_of(spec, m).ok());
  const Evaluation evaluation = score(spec, std::span(&m, 1), 10);
  ASSERT_TRUE(std::holds_alternative<Failure>(evaluation));
  EXPECT_EQ(std::get<Failure>(evaluation).outcome, Outcome::kInvalidPhenotype);
  EXPECT_NE(std::get<Failure>(evaluation).message.find("combined_score"), std::string::npos);
  m.not_finite.clear();
  m.metrics.clear();
  EXPECT_FALSE(fitness_of(spec, m).ok());
}

TEST(ScoringTest, AMeanThatIsNoFiniteNumberIsNoScore) {
  const auto failure_message = [](const TaskSpec& spec, std::span<const Measurement> repeats) {
    const Evaluation evaluation = score(spec, repeats, 10);
    const Failure* failure = std::get_if<Failure>(&evaluation);
    return failure && failure->outcome == Outcome::kInvalidPhenotype ? failure->message : "scored";
  };
  constexpr double kHuge = 1.7e308;
  TaskSpec spec;
  const std::vector<Measurement> once{measured({{"a", kHuge}, {"b", kHuge}})};
  EXPECT_NE(failure_message(spec, once).find("no finite number"), std::string::npos);
  const std::vector<Measurement> twice(2, measured({{"combined_score", kHuge}}));
  EXPECT_NE(failure_message(spec, twice).find("no finite number"), std::string::npos);
  spec.behavior = {{"speed", {}, {}, 10}};
  const std::vector<Measurement> fast(2, measured({{"combined_score", 1}, {"speed", kHuge}}));
  EXPECT_NE(failure_message(spec, fast).find("'speed'"), std::string::npos);
}

TEST(ScoringTest, EveryRepeatNeedsItsBehavior) {
  TaskSpec spec;
  spec.behavior = {{"speed", {}, {}, 10}};
  std::vector<Measurement> repeats(2, measured({{"combined_score", 1}, {"speed", 2}}));
  EXPECT_EQ(std::get<Score>(score(spec, repeats, 1)).behavior, Behavior{2.0});
  repeats[1].metrics.erase("speed");
  repeats[1].not_finite = {"speed"};
  EXPECT_TRUE(std::holds_alternative<Failure>(score(spec, repeats, 1)));
}

TEST(ScoringTest, ALaterStageReplacesWhatAnEarlierOneSaid) {
  Measurement whole = measured({{"combined_score", 1}, {"valid", 1}});
  whole.flags = {"valid"};
  Measurement stage = measured({{"valid", 5}});
  stage.not_finite = {"combined_score"};
  merge(whole, stage);
  EXPECT_FALSE(fitness_of(TaskSpec{}, whole).ok());
  merge(whole, measured({{"combined_score", 3}}));
  EXPECT_EQ(fitness(TaskSpec{}, whole), 3.0);
  EXPECT_TRUE(whole.flags.empty());
}

TEST(ScoringTest, AThresholdIsInUnitsOfTheMetric) {
  TaskSpec spec;
  EXPECT_TRUE(reaches(spec, measured({{"combined_score", 0.5}}), 0.5));
  EXPECT_FALSE(reaches(spec, measured({{"combined_score", 0.4}}), 0.5));
  spec.fitness = "error";
  spec.minimized["error"] = true;
  EXPECT_TRUE(reaches(spec, measured({{"error", 0.4}}), 0.5));
  EXPECT_FALSE(reaches(spec, measured({{"error", 0.6}}), 0.5));
  EXPECT_FALSE(reaches(spec, measured({{"other", 0.4}}), 0.5));
}

TEST(ScoringTest, WhatFallsShortOfAThresholdIsSaid) {
  TaskSpec spec;
  EXPECT_EQ(shortfall(spec, measured({{"a", 0.1}, {"b", 0.3}}), 0.5),
            "the mean of its metrics 0.2 is below 0.5");
  EXPECT_EQ(shortfall(spec, measured({{"combined_score", 0.4}}), 0.5), "combined_score 0.4 is below 0.5");
  spec.fitness = "error";
  spec.minimized["error"] = true;
  EXPECT_EQ(shortfall(spec, measured({{"error", 0.6}}), 0.5), "error 0.6 is above 0.5");
  EXPECT_EQ(shortfall(spec, measured({{"other", 1}}), 0.5),
            "its threshold is 0.5, and the evaluator gives no metric 'error'; it gives other");
}

TEST(ScoringTest, BehaviorIsMetricsAndWhatSamaraMeasures) {
  TaskSpec spec;
  spec.behavior = {{"speed", {}, {}, 10}, {"program_size", {}, {}, 10}, {"fitness", {}, {}, 10}};
  const Measurement m = measured({{"combined_score", 4}, {"speed", 2.5}});
  const Evaluation evaluation = score(spec, std::span(&m, 1), 77);
  EXPECT_EQ(std::get<Score>(evaluation).behavior, (Behavior{2.5, 77.0, 4.0}));
  const Measurement without = measured({{"combined_score", 4}});
  EXPECT_NE(std::get<Failure>(score(spec, std::span(&without, 1), 77)).message.find("'speed'"),
            std::string::npos);
}

TEST(ScoringTest, RepeatsGiveTheMeanAndItsInterval) {
  const std::vector<Measurement> repeats{measured({{"combined_score", 1}}), measured({{"combined_score", 2}}),
                                         measured({{"combined_score", 3}})};
  const Score result = std::get<Score>(score(TaskSpec{}, repeats, 1));
  EXPECT_DOUBLE_EQ(result.fitness, 2.0);
  const auto metrics = nlohmann::json::parse(result.details)["metrics"];
  EXPECT_NEAR(metrics["fitness_95_high"].get<double>(), 2.0 + 4.303 / std::sqrt(3.0), 1e-3);
  EXPECT_NEAR(metrics["fitness_95_low"].get<double>(), 2.0 - 4.303 / std::sqrt(3.0), 1e-3);
}

TEST(ScoringTest, OneFailedRepeatFailsTheProgramAndKeepsItsArtifacts) {
  std::vector<Measurement> repeats{measured({{"combined_score", 1}}), measured({{"combined_score", 2}})};
  repeats[1].failure = Failure{Outcome::kTimeLimit, "too slow"};
  repeats[1].artifacts["stderr"] = "bad \xff byte";
  const Failure failure = std::get<Failure>(score(TaskSpec{}, repeats, 1));
  EXPECT_EQ(failure.outcome, Outcome::kTimeLimit);
  EXPECT_TRUE(nlohmann::json::parse(failure.details)["artifacts"]["stderr"].is_string());
}

TEST(ScoringTest, NothingToSayGivesNoDetails) {
  EXPECT_EQ(details_of(Measurement{}), "");
}

TEST(ProgramFilesTest, FilesSurviveTheOneText) {
  const std::vector<ProgramFile> files{{"main.c", "int main;\n"}, {"a/b.c", ""}, {"c.h", "#define X\n\n"}};
  const std::vector<std::string> paths{"main.c", "a/b.c", "c.h"};
  EXPECT_EQ(split_files(join_files(files), paths).value(), files);
  const std::vector<ProgramFile> single{{"x.py", "=== not a header ===\nno line end"}};
  EXPECT_EQ(split_files(join_files(single), {"x.py"}).value(), single);
}

TEST(ProgramFilesTest, OtherFilesAreRefused) {
  const std::vector<std::string> paths{"a", "b"};
  EXPECT_FALSE(split_files("=== a ===\n1\n", paths).ok());
  EXPECT_FALSE(split_files("=== a ===\n=== b ===\n=== ../c ===\n", paths).ok());
  EXPECT_FALSE(split_files("=== a ===\n=== b ===\n=== a ===\n", paths).ok());
  EXPECT_FALSE(split_files("", paths).ok());
}

}  // namespace
}  // namespace samara::task
