#include "samara/mutation/gp/gp_operator.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "samara/base/check.h"
#include "samara/base/text.h"

namespace samara {
extern const std::string_view kGpSourceModule;
extern const std::string_view kGpNamesModule;
extern const std::string_view kGpModule;
}  // namespace samara

namespace samara::gp {
namespace {

using nlohmann::json;

// A JSON string is a Python string literal with the same meaning.
std::string python_literal(std::string_view text) {
  return json(text).dump();
}

// The program's text; null where it is no UTF-8, which JSON cannot carry and Python cannot run.
json text_of(const Program& program) {
  if (sanitize_utf8(program.source()) != program.source()) return nullptr;
  return program.source();
}

// What gp.entry returns: [text, note, whether the donor was used], or why there is no proposal.
ProposalResult decode(const EncodedValue& value) {
  const json answer = json::from_msgpack(value.msgpack, /*strict=*/true, /*allow_exceptions=*/false);
  if (answer.is_string()) return Failure{Outcome::kNoDiff, one_line(answer.get<std::string>())};
  SAMARA_CHECK(answer.is_array() && answer.size() == 3);
  return Proposal{.source = answer[0].get<std::string>(),
                  .note = one_line(answer[1].get<std::string>()),
                  .used_donor = answer[2].get<bool>()};
}

// Whatever ended an edit (a parent too deep for the parser, a text too long), there is no proposal. The other
// outcomes are those of programs.
Failure decode(Failure failure) {
  failure.outcome = Outcome::kNoDiff;
  return failure;
}

}  // namespace

std::vector<ArmWeight> default_weights(Preset preset) {
  if (preset == Preset::kNode) return {{"gp.node", 1.0}};
  return {
      {"gp.constant", 3.0},  {"gp.swap", 1.0}, {"gp.expression", 1.0},
      {"gp.duplicate", 0.5}, {"gp.grow", 2.0}, {"gp.delete", 1.0},
      {"gp.insert", 1.0},    {"gp.move", 0.5}, {"gp.crossover", 1.0},
  };
}

Harness harness() {
  std::string source = "import sys, types\n";
  const std::pair<std::string_view, std::string_view> modules[] = {
      {"gp_source", kGpSourceModule}, {"gp_names", kGpNamesModule}, {"gp", kGpModule}};
  for (const auto& [name, text] : modules) {
    source += fmt::format("module = sys.modules['{0}'] = types.ModuleType('{0}')\n", name);
    source +=
        fmt::format("exec(compile({}, '{}.py', 'exec'), module.__dict__)\n", python_literal(text), name);
  }
  source += "entry = module.entry\n";
  return {.name = "gp_operator", .source = source, .entry = "entry", .kind = Harness::Kind::kFunction};
}

GpOperator::GpOperator(Preset preset, PythonRunner& runner, std::size_t harness, const GpOptions& options)
    : runner_(runner), harness_(harness), options_(options) {
  SAMARA_CHECK(options.node_rate >= 0.0 && options.node_rate <= 1.0);
  for (const ArmWeight& arm : default_weights(preset)) arms_.push_back(arm.name);
}

std::string GpOperator::encode(const MutationRequest& request) const {
  SAMARA_CHECK(request.parent != nullptr && request.donor != nullptr && request.arm < arms_.size());
  const std::string& arm = arms_[request.arm];
  Rng rng = request.rng;
  json job = {{"arm", arm}, {"seed", rng.next_u64()}, {"rate", options_.node_rate}};
  if (!options_.extra_names.empty()) job["names"] = options_.extra_names;
  if (options_.all_parameters) job["parameters"] = true;
  job["source"] = text_of(*request.parent);
  if (arm == "gp.crossover") job["donor"] = text_of(*request.donor);
  return job.dump();
}

Result<std::vector<ProposalResult>> GpOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<std::string> texts;
  texts.reserve(requests.size());  // the jobs point into the texts
  std::vector<Job> jobs;
  for (const MutationRequest& request : requests) {
    texts.push_back(encode(request));
    jobs.push_back({harness_, texts.back()});
  }
  SAMARA_TRY(const std::vector<JobResult> results, runner_.run(jobs));

  std::vector<ProposalResult> proposals;
  for (const JobResult& result : results) {
    proposals.push_back(
        std::visit([](const auto& value) -> ProposalResult { return decode(value); }, result));
  }
  return proposals;
}

}  // namespace samara::gp
