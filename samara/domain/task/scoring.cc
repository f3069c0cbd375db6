#include "samara/domain/task/scoring.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "samara/base/text.h"

namespace samara::task {
namespace {

/// Two-sided 95% points of Student's t by degrees of freedom, from 1 to 30; beyond, the normal
/// distribution's.
constexpr double kStudent[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                               2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                               2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
constexpr std::size_t kMaxArtifactBytes = 64 << 10;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_behavior(const TaskSpec& spec, const std::string& name) {
  return std::any_of(spec.behavior.begin(), spec.behavior.end(),
                     [&](const BehaviorSpec& dimension) { return dimension.name == name; });
}

double toward_better(const TaskSpec& spec, const std::string& name, double value) {
  const auto declared = spec.minimized.find(name);
  return declared != spec.minimized.end() && declared->second ? -value : value;
}

/// The metric, or the one line that says why there is none.
Result<double> metric_of(const Measurement& measured, const std::string& name) {
  if (const auto at = measured.metrics.find(name); at != measured.metrics.end()) return at->second;
  if (has(measured.not_finite, name)) {
    return make_error(ErrorCode::kInvalidData, "the metric '{}' is no finite number", name);
  }
  std::vector<std::string> names;
  for (const auto& [known, value] : measured.metrics) names.push_back(known);
  return make_error(ErrorCode::kInvalidData, "the evaluator gives no metric '{}'; it gives {}", name,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

Measurement mean_of(std::span<const Measurement> repeats) {
  Measurement mean = repeats[0];
  for (auto& [name, value] : mean.metrics) {
    double sum = 0.0;
    std::size_t count = 0;
    for (const Measurement& repeat : repeats) {
      if (const auto at = repeat.metrics.find(name); at != repeat.metrics.end()) sum += at->second, ++count;
    }
    value = sum / static_cast<double>(count);
  }
  return mean;
}

/// Half of the 95% interval of the mean.
double half_interval(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const std::size_t freedom = values.size() - 1;
  const double t = freedom <= std::size(kStudent) ? kStudent[freedom - 1] : 1.960;
  return t * std::sqrt(squares / (n - 1.0) / n);
}

}  // namespace

Result<double> fitness_of(const TaskSpec& spec, const Measurement& measured) {
  constexpr const char* kCombined = "combined_score";
  const std::string named = !spec.fitness.empty() ? spec.fitness
                            : measured.metrics.contains(kCombined) || has(measured.not_finite, kCombined)
                                ? kCombined
                                : "";
  if (!named.empty()) {
    SAMARA_TRY(const double value, metric_of(measured, named));
    return toward_better(spec, named, value);
  }
  double sum = 0.0;
  std::size_t count = 0;
  for (const auto& [name, value] : measured.metrics) {
    if (is_behavior(spec, name) || has(measured.flags, name)) continue;
    sum += toward_better(spec, name, value);
    ++count;
  }
  if (!measured.not_finite.empty()) {
    return make_error(ErrorCode::kInvalidData, "the metric '{}' is no finite number", measured.not_finite[0]);
  }
  if (count == 0) return make_error(ErrorCode::kInvalidData, "the evaluator gives no metric");
  const double mean = sum / static_cast<double>(count);
  if (!std::isfinite(mean))
    return make_error(ErrorCode::kInvalidData, "the mean of the metrics is too large");
  return mean;
}

Evaluation score(const TaskSpec& spec, std::span<const Measurement> repeats, std::size_t program_size) {
  SAMARA_CHECK(!repeats.empty());
  std::vector<double> fitness;
  for (const Measurement& repeat : repeats) {
    if (repeat.failure) {
      Failure failure = *repeat.failure;
      failure.details = details_of(repeat);
      return failure;
    }
    const Result<double> value = fitness_of(spec, repeat);
    if (!value.ok())
      return Failure{Outcome::kInvalidPhenotype, one_line(value.error().message), details_of(repeat)};
    fitness.push_back(*value);
  }
  Measurement mean = mean_of(repeats);
  Score score;
  for (const double value : fitness) score.fitness += value / static_cast<double>(fitness.size());
  const auto invalid = [&](std::string_view why) {
    return Failure{Outcome::kInvalidPhenotype, one_line(why), details_of(mean)};
  };
  for (const BehaviorSpec& dimension : spec.behavior) {
    Result<double> value = dimension.name == kProgramSize ? Result<double>(static_cast<double>(program_size))
                           : dimension.name == kFitness   ? Result<double>(score.fitness)
                                                          : metric_of(mean, dimension.name);
    if (!value.ok()) return invalid(value.error().message);
    if (!std::isfinite(*value)) return invalid(fmt::format("the mean of '{}' is too large", dimension.name));
    score.behavior.push_back(*value);
  }
  if (fitness.size() > 1) {
    const double half = half_interval(fitness);
    mean.metrics.emplace("fitness_95_low", score.fitness - half);
    mean.metrics.emplace("fitness_95_high", score.fitness + half);
  }
  score.details = details_of(mean);
  return score;
}

void merge(Measurement& whole, Measurement stage) {
  for (auto& [name, value] : stage.metrics) whole.metrics[name] = value;
  for (auto& [name, value] : stage.artifacts) whole.artifacts[name] = std::move(value);
  whole.flags.insert(whole.flags.end(), stage.flags.begin(), stage.flags.end());
  whole.not_finite.insert(whole.not_finite.end(), stage.not_finite.begin(), stage.not_finite.end());
  whole.failure = std::move(stage.failure);
}

Details details_of(const Measurement& measured) {
  nlohmann::json details;
  for (const auto& [name, value] : measured.metrics) details["metrics"][name] = value;
  for (const auto& [name, text] : measured.artifacts) {
    details["artifacts"][name] = sanitize_utf8(std::string_view(text).substr(0, kMaxArtifactBytes));
  }
  return details.empty() ? Details() : details.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace samara::task
