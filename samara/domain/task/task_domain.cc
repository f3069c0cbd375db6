#include "samara/domain/task/task_domain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/domain/task/evaluator_process.h"
#include "samara/domain/task/program_files.h"
#include "samara/domain/task/scoring.h"
#include "samara/domain/task/task_folder.h"
#include "samara/patch/regions.h"

namespace samara::task {
namespace {

constexpr std::size_t kLargestProgram = std::size_t{1} << 20;

class TaskEvaluator : public Evaluator {
 public:
  TaskEvaluator(const TaskDomain& domain, std::unique_ptr<EvaluatorProcess> process)
      : domain_(domain), process_(std::move(process)) {}

  Result<std::vector<Evaluation>> evaluate(std::span<const Program* const> programs) override {
    std::vector<Evaluation> evaluations;
    for (const Program* program : programs) {
      SAMARA_TRY(Evaluation evaluation, evaluate_one(*program));
      evaluations.push_back(std::move(evaluation));
    }
    return evaluations;
  }

 private:
  Result<Evaluation> evaluate_one(const Program& program) {
    if (std::optional<std::string> why = domain_.forbidden_change(program.source())) {
      return Evaluation(Failure{Outcome::kForbidden, std::move(*why)});
    }
    const Result<std::vector<ProgramFile>> files = split_files(program.source(), domain_.spec().program);
    if (!files.ok()) return Evaluation(Failure{Outcome::kForbidden, one_line(files.error().message)});
    std::uint64_t seed = 0;  // what the evaluation draws from; of the program, so that it repeats
    std::memcpy(&seed, program.id().bytes.data(), sizeof seed);
    std::vector<Measurement> repeats;
    for (std::uint32_t repeat = 0; repeat < domain_.spec().evaluator.repeats; ++repeat) {
      SAMARA_TRY(Measurement measured, cascade(*files, (seed >> 1) + repeat));
      repeats.push_back(std::move(measured));
      if (repeats.back().failure) break;
    }
    return score(domain_.spec(), repeats, program.size());
  }

  /// One stage after the other, until one fails or does not reach its threshold.
  Result<Measurement> cascade(const std::vector<ProgramFile>& files, std::uint64_t seed) {
    Measurement whole;
    std::size_t number = 0;
    for (const Stage& stage : domain_.spec().evaluator.stages) {
      ++number;
      SAMARA_TRY(Measurement measured, process_->measure(files, stage.function, seed));
      merge(whole, std::move(measured));
      if (whole.failure || !stage.threshold) break;
      if (reaches(domain_.spec(), whole, *stage.threshold)) continue;
      whole.stopped = fmt::format("stopped after stage {}: {}", number,
                                  shortfall(domain_.spec(), whole, *stage.threshold));
      break;
    }
    return whole;
  }

  const TaskDomain& domain_;
  std::unique_ptr<EvaluatorProcess> process_;
};

Error in_file(const std::filesystem::path& path, const Error& error) {
  return make_error(error.code, "{}: {}", path.string(), error.message);
}

}  // namespace

Result<std::unique_ptr<TaskDomain>> TaskDomain::load(const std::filesystem::path& folder) {
  std::unique_ptr<TaskDomain> domain(new TaskDomain);
  domain->folder_ = folder;
  const std::filesystem::path file = folder / kTaskFile;
  SAMARA_TRY(const std::string text, read_file(file, kLargestProgram));
  SAMARA_TRY(domain->spec_, parse_task(text, file.string()));
  const TaskSpec& spec = domain->spec_;
  for (const BehaviorSpec& dimension : spec.behavior) {
    domain->dimensions_.push_back({dimension.name, "", dimension.low.value_or(0.0),
                                   dimension.high.value_or(1.0), !dimension.low.has_value(), dimension.bins});
  }
  std::vector<std::string> named = spec.program;
  named.insert(named.end(), spec.seeds.begin(), spec.seeds.end());
  named.insert(named.end(), spec.evaluator.command.begin(), spec.evaluator.command.end());
  if (spec.evaluator.kind != EvaluatorKind::kCommand) named.push_back(spec.evaluator.file);
  for (const std::filesystem::path path : named) {
    if (path.is_relative()) SAMARA_TRY_STATUS(check_links(folder, path));
  }
  if (spec.evaluator.kind != EvaluatorKind::kCommand) {
    const std::filesystem::path evaluator = folder / spec.evaluator.file;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(evaluator, ignored)) {
      return make_error(ErrorCode::kNotFound, "{} names the evaluator '{}', and there is no such file",
                        file.string(), spec.evaluator.file);
    }
  }
  std::vector<ProgramFile> files;
  for (const std::string& path : spec.program) {
    SAMARA_TRY(std::string program, read_file(folder / path, kLargestProgram));
    files.push_back({path, std::move(program)});
  }
  domain->seeds_.push_back({std::filesystem::path(spec.program[0]).stem().string(), join_files(files)});
  for (const std::string& seed : spec.seeds) {
    SAMARA_TRY(std::string program, domain->read_program(folder / seed));
    domain->seeds_.push_back({std::filesystem::path(seed).stem().string(), std::move(program)});
  }
  for (const Seed& seed : domain->seeds_) {
    const Result<Regions> regions = find_regions(seed.source);
    if (!regions.ok()) return in_file(folder / seed.name, regions.error());
  }
  return domain;
}

Status check_markers(const Seed& seed) {
  const std::optional<std::string> line = unseen_marker(seed.source);
  if (!line) return {};
  return make_error(
      ErrorCode::kInvalidData,
      "seed '{}', {}: that is no EVOLVE-BLOCK marker, which stands first in a comment that begins "
      "with signs, like #, //, --, ', %, (* or ::. Change the line, or leave these words out",
      seed.name, *line);
}

Result<std::string> TaskDomain::read_program(const std::filesystem::path& path) const {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return read_file(path, kLargestProgram);
  std::vector<ProgramFile> files;
  for (const std::string& name : spec_.program) {
    SAMARA_TRY(std::string text, read_file(path / name, kLargestProgram));
    files.push_back({name, std::move(text)});
  }
  return join_files(files);
}

std::string TaskDomain::function_name() const {
  const std::string_view text = seeds_[0].source;
  const Result<Regions> regions = find_regions(text);
  for (const Region& region : regions->open) {
    const std::string_view open = text.substr(region.begin, region.end - region.begin);
    for (std::size_t at = open.find("def "); at != std::string_view::npos; at = open.find("def ", at + 4)) {
      const std::size_t begin = at + 4;
      const std::size_t end = open.find('(', begin);
      const bool at_line_start =
          at == 0 || open[at - 1] == '\n' || open[at - 1] == ' ' || open[at - 1] == '\t';
      if (at_line_start && end != std::string_view::npos && end - begin < 100) {
        return std::string(open.substr(begin, end - begin));
      }
    }
  }
  return "program";
}

std::optional<std::string> TaskDomain::forbidden_change(std::string_view program) const {
  std::optional<std::string> first;
  for (const Seed& seed : seeds_) {
    std::optional<std::string> why = samara::forbidden_change(seed.source, program);
    if (!why) return std::nullopt;
    if (!first) first = std::move(why);
  }
  return first;
}

Result<std::unique_ptr<Evaluator>> TaskDomain::make_evaluator(bool allow_uncontained) const {
  SAMARA_TRY(auto process, EvaluatorProcess::start(spec_, folder_, allow_uncontained));
  const std::vector<std::string>& known = process->functions();
  for (const Stage& stage : spec_.evaluator.stages) {
    if (known.empty() || std::find(known.begin(), known.end(), stage.function) != known.end()) continue;
    return make_error(ErrorCode::kInvalidArgument,
                      "{} calls '{}', which the evaluator does not have; it has {}",
                      (folder_ / kTaskFile).string(), stage.function, fmt::join(known, ", "));
  }
  return std::unique_ptr<Evaluator>(std::make_unique<TaskEvaluator>(*this, std::move(process)));
}

}  // namespace samara::task
