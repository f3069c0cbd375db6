#include "samara/domain/task/measurement.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "samara/base/text.h"

namespace samara::task {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 400;

std::string text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

void take_metrics(const json& metrics, Measurement& result) {
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_boolean()) {
      result.metrics[name] = value.get<bool>() ? 1.0 : 0.0;
      result.flags.push_back(name);
    } else if (value.is_number() && std::isfinite(value.get<double>())) {
      result.metrics[name] = value.get<double>();
    } else {
      result.not_finite.push_back(name);
    }
  }
}

std::vector<std::string> strings_of(const json& object, const char* key) {
  std::vector<std::string> strings;
  if (!object.is_object()) return strings;
  const auto list = object.find(key);
  for (const json& item : list != object.end() && list->is_array() ? *list : json::array()) {
    strings.push_back(item.is_string() ? item.get<std::string>() : "?");
  }
  return strings;
}

/// A failed evaluation by the marks that evaluators leave among their metrics: an `error` that is text, a
/// `timeout` that is true, or an `error` that is 0 without any score beside it.
std::optional<Failure> reported_error(const json& answer, const TaskSpec& spec, const Measurement& measured) {
  if (const std::string text = text_of(answer, "error"); !text.empty()) {
    return Failure{Outcome::kRuntimeError, one_line(text, kLongestMessage)};
  }
  const auto is_flag = [&](const std::string& name) {
    return std::find(measured.flags.begin(), measured.flags.end(), name) != measured.flags.end();
  };
  const auto timeout = measured.metrics.find("timeout");
  if (timeout != measured.metrics.end() && is_flag("timeout") && timeout->second == 1.0) {
    return Failure{Outcome::kTimeLimit, "the evaluator reports that it ran out of time"};
  }
  if (spec.minimized.contains("error") || measured.metrics.contains(spec.fitness) ||
      !measured.metrics.contains("error")) {
    return std::nullopt;
  }
  for (const auto& [name, value] : measured.metrics) {
    if (name == "combined_score" || (value != 0.0 && !is_flag(name))) return std::nullopt;
  }
  return Failure{Outcome::kRuntimeError, "the evaluator reports an error"};
}

}  // namespace

Measurement read_measurement(std::string_view text, const TaskSpec& spec) {
  Measurement result;
  const json answer = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) {
    result.failure = Failure{Outcome::kEvaluationFailed, "the evaluation's answer is malformed"};
    return result;
  }
  if (const auto artifacts = answer.find("artifacts"); artifacts != answer.end() && artifacts->is_object()) {
    for (const auto& [name, value] : artifacts->items()) {
      if (value.is_string()) result.artifacts[name] = value.get<std::string>();
    }
  }
  if (answer.contains("outcome")) {
    const std::optional<Outcome> outcome = outcome_from_name(text_of(answer, "outcome"));
    const bool possible =
        outcome && (*outcome >= Outcome::kSyntaxError && *outcome <= Outcome::kEvaluationFailed);
    result.failure = Failure{possible ? *outcome : Outcome::kCrashed,
                             one_line(text_of(answer, "message"), kLongestMessage)};
    return result;
  }
  const auto metrics = answer.find("metrics");
  if (metrics == answer.end() || !metrics->is_object()) {
    result.failure = Failure{Outcome::kEvaluationFailed, "the evaluation's answer has no metrics"};
    return result;
  }
  take_metrics(*metrics, result);
  result.failure = reported_error(answer, spec, result);
  return result;
}

std::vector<std::string> read_refused_layers(std::string_view text) {
  return strings_of(json::parse(text, nullptr, /*allow_exceptions=*/false), "refused");
}

Result<std::vector<std::string>> read_functions(std::string_view text, const std::string& evaluator) {
  const json ready = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!ready.is_object() || !ready.contains("ready")) {
    const std::string why = ready.is_object() ? text_of(ready, "error") : "no answer";
    std::string trace = ready.is_object() ? text_of(ready, "traceback") : "";
    if (trace == why + "\n") trace.clear();  // of an error without a place
    return make_error(ErrorCode::kInvalidData, "the evaluator {} does not load: {}{}{}", evaluator, why,
                      trace.empty() ? "" : "\n", trace);
  }
  return strings_of(ready, "functions");
}

}  // namespace samara::task
