#include "samara/bugfix/judge.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "samara/base/text.h"

namespace samara {
extern const std::string_view kBugfixCases;
}  // namespace samara

namespace samara::bugfix {
namespace {

using nlohmann::json;

constexpr const char* kEntry = "samara_run_cases";

// Goes behind the program: calls its function on every case.
std::string calls_of(const Task& task) {
  std::string text = fmt::format("\n\ndef {}():\n    return samara_as_json([\n", kEntry);
  for (const Case& one : task.cases) text += fmt::format("        {}({}),\n", task.function, one.arguments);
  return text + "    ])\n";
}

// The string that a MessagePack value holds; nothing where it is anything else. A program that broke out of
// its interpreter may have written any bytes, so no general decoder looks at them.
std::optional<std::string_view> string_of(std::string_view msgpack) {
  if (msgpack.empty()) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(msgpack[i]); };
  std::size_t length_bytes = 0;
  std::size_t length = 0;
  if (byte(0) >= 0xa0 && byte(0) <= 0xbf) {
    length = byte(0) - 0xa0U;
  } else if (byte(0) >= 0xd9 && byte(0) <= 0xdb) {
    length_bytes = std::size_t{1} << (byte(0) - 0xd9U);
    if (msgpack.size() < 1 + length_bytes) return std::nullopt;
    for (std::size_t i = 1; i <= length_bytes; ++i) length = length * 256 + byte(i);
  } else {
    return std::nullopt;
  }
  if (msgpack.size() != 1 + length_bytes + length) return std::nullopt;
  return msgpack.substr(1 + length_bytes);
}

Verdict compare(const Task& task, const EncodedValue& value) {
  const std::optional<std::string_view> text = string_of(value.msgpack);
  if (!text) return Answer{0, "something that is no text"};
  // NaN and infinity are no JSON, and no expected value either; nor is one that is nested deeper.
  const json returned = json_depth(*text) <= kMaxDepth
                            ? json::parse(*text, nullptr, /*allow_exceptions=*/false)
                            : json(json::value_t::discarded);
  if (!returned.is_array() || returned.size() != task.cases.size()) return Answer{0, one_line(*text)};
  for (std::size_t i = 0; i < task.cases.size(); ++i) {
    if (returns_the_same(task.cases[i].expected, returned[i])) continue;
    return Answer{i, one_line(returned[i].dump(-1, ' ', false, json::error_handler_t::replace))};
  }
  return Answer{};
}

Verdict compare(const Task&, const Failure& failure) {
  return failure;
}

}  // namespace

bool passes(const Verdict& verdict) {
  const auto* answer = std::get_if<Answer>(&verdict);
  return answer != nullptr && !answer->wrong_case;
}

bool returns_the_same(const json& expected, const json& returned) {
  if (expected.is_number() && returned.is_number()) {
    if (!expected.is_number_float() && !returned.is_number_float()) return expected == returned;
    const auto a = expected.get<double>();
    const auto b = returned.get<double>();
    return std::fabs(a - b) <= 1e-9 * std::max({1.0, std::fabs(a), std::fabs(b)});
  }
  if (expected.type() != returned.type()) return false;
  if (expected.is_array()) {
    return std::equal(expected.begin(), expected.end(), returned.begin(), returned.end(), returns_the_same);
  }
  if (expected.is_object()) {
    if (expected.size() != returned.size()) return false;
    return std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& item) {
      const auto found = returned.find(item.key());
      return found != returned.end() && returns_the_same(item.value(), *found);
    });
  }
  return expected == returned;
}

Harness Judge::harness() {
  return {.name = "bugfix_cases",
          .source = std::string(kBugfixCases),
          .entry = kEntry,
          .kind = Harness::Kind::kCandidate};
}

Result<std::vector<Verdict>> Judge::judge(const Task& task, std::span<const Program* const> programs) {
  const std::string calls = calls_of(task);
  std::vector<std::string> texts;
  texts.reserve(programs.size());  // the jobs point into the texts
  std::vector<Job> jobs;
  for (const Program* program : programs) {
    texts.push_back(program->source() + calls);
    jobs.push_back({harness_, texts.back()});
  }
  SAMARA_TRY(const std::vector<JobResult> results, runner_.run(jobs));
  std::vector<Verdict> verdicts;
  for (const JobResult& result : results) {
    verdicts.push_back(std::visit([&](const auto& value) { return compare(task, value); }, result));
  }
  return verdicts;
}

Status verify(const Task& task, Judge& judge) {
  std::vector<const Program*> programs{&task.correct};
  for (const Program& buggy : task.buggy) programs.push_back(&buggy);
  SAMARA_TRY(const std::vector<Verdict> verdicts, judge.judge(task, programs));
  if (const auto* failure = std::get_if<Failure>(&verdicts[0])) {
    return make_error(ErrorCode::kInvalidData, "task {}: correct.py does not run on cases.json: {}: {}",
                      task.name, outcome_name(failure->outcome), failure->message);
  }
  const Answer& answer = std::get<Answer>(verdicts[0]);
  if (answer.wrong_case) {
    const Case& one = task.cases[*answer.wrong_case];
    return make_error(ErrorCode::kInvalidData,
                      "task {}: by cases.json, case {}, {}({}) is {}, but correct.py returns {}", task.name,
                      *answer.wrong_case + 1, task.function, one_line(one.arguments),
                      one_line(one.expected.dump()), answer.returned);
  }
  for (std::size_t bugs = 1; bugs < programs.size(); ++bugs) {
    if (!passes(verdicts[bugs])) continue;
    return make_error(ErrorCode::kInvalidData,
                      "task {}: buggy_{}.py passes every case; add a case to cases.json that shows its bugs",
                      task.name, bugs);
  }
  return {};
}

}  // namespace samara::bugfix
