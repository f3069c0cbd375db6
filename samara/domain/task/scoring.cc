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
constexpr std::size_t kMaxArtifactBytes = 65 << 10;  // the server cuts to 64 KiB and says so

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

/// The metric that counts; empty: the mean of all.
std::string fitness_metric(const TaskSpec& spec, const Measurement& measured) {
  const std::string combined = "combined_score";
  if (!spec.fitness.empty()) return spec.fitness;
  return measured.metrics.contains(combined) || has(measured.not_finite, combined) ? combined : "";
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

Result<double> behavior_of(const std::string& name, const Measurement& measured, double fitness,
                           std::size_t program_size) {
  if (name == kProgramSize) return static_cast<double>(program_size);
  if (name == kFitness) return fitness;
  if (!measured.stopped.empty() && !measured.metrics.contains(name) && !has(measured.not_finite, name)) {
    return make_error(ErrorCode::kInvalidData, "{}; its behavior '{}' comes from a later stage, if any",
                      measured.stopped, name);
  }
  return metric_of(measured, name);
}

/// Errors: kInvalidData when values are so large that their sum is not finite.
Result<double> mean(std::string_view what, std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  if (std::isfinite(sum)) return sum / static_cast<double>(values.size());
  return make_error(ErrorCode::kInvalidData, "the mean of {} is no finite number", what);
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
  if (const std::string named = fitness_metric(spec, measured); !named.empty()) {
    SAMARA_TRY(const double value, metric_of(measured, named));
    return toward_better(spec, named, value);
  }
  if (!measured.not_finite.empty()) {
    return make_error(ErrorCode::kInvalidData, "the metric '{}' is no finite number", measured.not_finite[0]);
  }
  std::vector<double> values;
  for (const auto& [name, value] : measured.metrics) {
    if (is_behavior(spec, name) || has(measured.flags, name)) continue;
    values.push_back(toward_better(spec, name, value));
  }
  if (values.empty()) return make_error(ErrorCode::kInvalidData, "the evaluator gives no metric");
  return mean("the metrics", values);
}

bool reaches(const TaskSpec& spec, const Measurement& measured, double threshold) {
  const Result<double> fitness = fitness_of(spec, measured);
  return fitness.ok() && *fitness >= toward_better(spec, fitness_metric(spec, measured), threshold);
}

std::string shortfall(const TaskSpec& spec, const Measurement& measured, double threshold) {
  const Result<double> fitness = fitness_of(spec, measured);
  if (!fitness.ok())
    return fmt::format("its threshold is {:.6g}, and {}", threshold, fitness.error().message);
  const std::string named = fitness_metric(spec, measured);
  const bool minimized = toward_better(spec, named, 1.0) < 0.0;
  return fmt::format("{} {:.6g} is {} {:.6g}", named.empty() ? "the mean of its metrics" : named,
                     toward_better(spec, named, *fitness), minimized ? "above" : "below", threshold);
}

Evaluation score(const TaskSpec& spec, std::span<const Measurement> repeats, std::size_t program_size) {
  SAMARA_CHECK(!repeats.empty());
  const auto invalid = [](const Error& error, const Measurement& measured) {
    return Failure{Outcome::kInvalidPhenotype, one_line(error.message), details_of(measured)};
  };
  std::vector<double> fitness;
  std::vector<std::vector<double>> behavior(spec.behavior.size());
  for (const Measurement& repeat : repeats) {
    if (repeat.failure) {
      Failure failure = *repeat.failure;
      failure.details = details_of(repeat);
      return failure;
    }
    const Result<double> value = fitness_of(spec, repeat);
    if (!value.ok()) {
      const std::string& stopped = repeat.stopped;
      return invalid(stopped.empty() ? value.error() : Error{value.error().code, stopped}, repeat);
    }
    fitness.push_back(*value);
    for (std::size_t i = 0; i < behavior.size(); ++i) {
      const Result<double> place = behavior_of(spec.behavior[i].name, repeat, *value, program_size);
      if (!place.ok()) return invalid(place.error(), repeat);
      behavior[i].push_back(*place);
    }
  }
  Measurement means = mean_of(repeats);
  Score score;
  const Result<double> mean_fitness = mean("the fitness", fitness);
  if (!mean_fitness.ok()) return invalid(mean_fitness.error(), means);
  score.fitness = *mean_fitness;
  for (std::size_t i = 0; i < behavior.size(); ++i) {
    const Result<double> place = mean(fmt::format("the metric '{}'", spec.behavior[i].name), behavior[i]);
    if (!place.ok()) return invalid(place.error(), means);
    score.behavior.push_back(*place);
  }
  if (fitness.size() > 1) {
    const double half = half_interval(fitness);
    means.metrics.emplace("fitness_95_low", score.fitness - half);
    means.metrics.emplace("fitness_95_high", score.fitness + half);
  }
  score.details = details_of(means);
  return score;
}

void merge(Measurement& whole, Measurement stage) {
  const auto forget = [&](const std::string& name) {
    whole.metrics.erase(name);
    std::erase(whole.flags, name);
    std::erase(whole.not_finite, name);
  };
  for (const auto& [name, value] : stage.metrics) forget(name);
  for (const std::string& name : stage.not_finite) forget(name);
  whole.metrics.merge(stage.metrics);
  for (auto& [name, value] : stage.artifacts) whole.artifacts[name] = std::move(value);
  whole.flags.insert(whole.flags.end(), stage.flags.begin(), stage.flags.end());
  whole.not_finite.insert(whole.not_finite.end(), stage.not_finite.begin(), stage.not_finite.end());
  whole.failure = std::move(stage.failure);
}

Details details_of(const Measurement& measured) {
  nlohmann::json details;
  for (const auto& [name, value] : measured.metrics) {
    if (std::isfinite(value)) details["metrics"][name] = value;  // a mean or an interval may not be
  }
  for (const auto& [name, text] : measured.artifacts) {
    details["artifacts"][name] = sanitize_utf8(std::string_view(text).substr(0, kMaxArtifactBytes));
  }
  return details.empty() ? Details() : details.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace samara::task
