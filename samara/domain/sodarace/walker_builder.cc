#include "samara/domain/sodarace/walker_builder.h"

#include <string>
#include <string_view>
#include <utility>

#include "samara/domain/sodarace/walker_parser.h"

namespace samara {

// Embedded by CMakeLists.txt.
extern const std::string_view kSodaraceWalkerCreator;

namespace sodarace {
namespace {

/// Calls of add_joint and add_muscle that may add nothing before a program is stopped. Generous: the largest
/// walker has 1,280 joints and muscles.
constexpr int kMaxCallsWithoutEffect = 10'000;

}  // namespace

Harness walker_harness() {
  // Doubles, so that Python compares with exactly what the parser compares with.
  std::string source = fmt::format(
      "MAX_JOINTS = {}\nMAX_MUSCLES = {}\nMAX_MUSCLES_PER_JOINT = {}\nMAX_COORDINATE = {}\n"
      "MIN_JOINT_DISTANCE = {}\nMAX_AMPLITUDE = {}\nTICKS_PER_UNIT = {}\nTICKS_PER_TURN = {}\n"
      "MAX_CALLS_WITHOUT_EFFECT = {}\n",
      kMaxJoints, kMaxMuscles, kMaxMusclesPerJoint, double{kMaxCoordinate}, double{kMinJointDistance},
      double{kMaxAmplitude}, kTicksPerUnit, kTicksPerTurn, kMaxCallsWithoutEffect);
  source += kSodaraceWalkerCreator;
  return {"walker_creator", std::move(source), "make_walker", Harness::Kind::kCandidate};
}

Result<std::vector<Build>> build_walkers(PythonRunner& runner, std::size_t harness,
                                         std::span<const Program* const> programs) {
  std::vector<Job> jobs;
  jobs.reserve(programs.size());
  for (const Program* program : programs) jobs.push_back({harness, program->source()});
  SAMARA_TRY(std::vector<JobResult> results, runner.run(jobs));

  std::vector<Build> builds;
  builds.reserve(results.size());
  for (JobResult& result : results) {
    if (auto* failure = std::get_if<Failure>(&result)) {
      builds.emplace_back(std::move(*failure));
      continue;
    }
    Result<Walker> walker = parse_walker(std::get<EncodedValue>(result).msgpack);
    if (walker.ok()) {
      builds.emplace_back(std::move(*walker));
    } else {
      builds.emplace_back(Failure{Outcome::kInvalidPhenotype, walker.error().message});
    }
  }
  return builds;
}

}  // namespace sodarace
}  // namespace samara
