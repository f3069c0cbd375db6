#include "samara/pipeline/best_program.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/domain/task/program_files.h"
#include "samara/domain/task/task_domain.h"

namespace samara {
namespace {

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return make_error(ErrorCode::kIo, "cannot make {}: {}", folder.string(), error.message());
  return {};
}

}  // namespace

const Elite* best_elite(const RunState& state) {
  const std::span<const Elite> elites = state.archive().elites();
  const auto best = std::max_element(elites.begin(), elites.end(), [](const Elite& a, const Elite& b) {
    return std::tuple(a.score.fitness, b.niche) < std::tuple(b.score.fitness, a.niche);
  });
  return best == elites.end() ? nullptr : &*best;
}

Status write_best_program(Run& run, const RunState& state) {
  const Elite* const found = best_elite(state);
  if (run.spec().domain != "task" || found == nullptr) return {};
  const Elite& best = *found;
  const auto& domain = static_cast<const task::TaskDomain&>(run.domain());
  SAMARA_TRY(const Record record, run.store().first_record(best.program));
  SAMARA_TRY(const std::string source, run.store().program_source(best.program));

  const std::filesystem::path folder = run.store().folder() / "best";
  SAMARA_TRY_STATUS(make_folder(folder));
  const std::vector<std::string>& paths = domain.spec().program;
  if (paths.size() == 1) {
    SAMARA_TRY_STATUS(write_file(folder / ("best_program" + domain.suffix()), source));
  } else {
    SAMARA_TRY(const std::vector<task::ProgramFile> files, task::split_files(source, paths));
    for (const task::ProgramFile& file : files) {
      const std::filesystem::path path = folder / "best_program" / file.path;
      SAMARA_TRY_STATUS(make_folder(path.parent_path()));
      SAMARA_TRY_STATUS(write_file(path, file.text));
    }
  }
  const nlohmann::json details = nlohmann::json::parse(record.details, nullptr, /*allow_exceptions=*/false);
  nlohmann::ordered_json info;
  info["id"] = best.program.hex();
  info["generation"] = best.iteration;
  info["iteration"] = best.iteration;
  info["parent_id"] = nullptr;
  if (!record.parents.empty()) info["parent_id"] = record.parents[0].hex();
  info["fitness"] = best.score.fitness;
  info["metrics"] = nlohmann::ordered_json::object();
  if (details.is_object() && details.contains("metrics")) info["metrics"] = details["metrics"];
  info["language"] = domain.spec().language;
  return write_file(folder / "best_program_info.json", info.dump(2) + "\n");
}

}  // namespace samara
