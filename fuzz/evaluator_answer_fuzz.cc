// Fuzzes what evaluators answer: any bytes are a score of finite numbers or a failure, with details that are
// JSON. Lines are the answers to several evaluations of one program.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/domain/task/scoring.h"

namespace {

using namespace samara;
using namespace samara::task;

void check_details(const Details& details) {
  SAMARA_CHECK(details.empty() || nlohmann::json::parse(details, nullptr, false).is_object());
}

void check_score(const TaskSpec& spec, const std::vector<std::string_view>& answers) {
  std::vector<Measurement> repeats;
  Measurement cascade;
  for (const std::string_view answer : answers) {
    repeats.push_back(read_measurement(answer, spec));
    merge(cascade, repeats.back());
  }
  for (const std::span<const Measurement> measured :
       {std::span<const Measurement>(repeats), std::span<const Measurement>(&cascade, 1)}) {
    const Evaluation evaluation = score(spec, measured, 100);
    if (const Failure* failure = std::get_if<Failure>(&evaluation)) {
      SAMARA_CHECK(sanitize_utf8(failure->message) == failure->message);
      check_details(failure->details);
      continue;
    }
    const Score& scored = std::get<Score>(evaluation);
    SAMARA_CHECK(std::isfinite(scored.fitness));
    SAMARA_CHECK(scored.behavior.size() == spec.behavior.size());
    for (const double value : scored.behavior) SAMARA_CHECK(std::isfinite(value));
    check_details(scored.details);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> answers;
  for (std::size_t begin = 0; begin <= size && answers.size() < 8;) {
    const std::size_t end = std::min(bytes.find('\n', begin), size);
    answers.push_back(bytes.substr(begin, end - begin));
    begin = end + 1;
  }
  check_score(TaskSpec(), answers);
  TaskSpec named;
  named.fitness = "loss";
  named.minimized["loss"] = true;
  named.behavior = {{"speed", {}, {}, 10}, {std::string(kFitness), 0.0, 1.0, 5}};
  check_score(named, answers);
  (void)read_functions(answers[0], "evaluator.py");
  return 0;
}
