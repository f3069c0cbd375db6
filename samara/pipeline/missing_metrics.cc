#include "samara/pipeline/missing_metrics.h"

#include <nlohmann/json.hpp>

#include "samara/domain/task/task_domain.h"
#include "samara/pipeline/best_program.h"

namespace samara {

Result<MissingMetrics> find_missing_metrics(Run& run, const RunState& state) {
  MissingMetrics missing;
  const Elite* best = best_elite(state);
  if (run.spec().domain != "task" || best == nullptr) return missing;
  SAMARA_TRY(const Record record, run.store().first_record(best->program));
  const nlohmann::json details = nlohmann::json::parse(record.details, nullptr, /*allow_exceptions=*/false);
  if (!details.is_object() || !details.contains("metrics")) return missing;
  for (const auto& [name, value] : details["metrics"].items()) missing.given.push_back(name);
  const auto& domain = static_cast<const task::TaskDomain&>(run.domain());
  for (const auto& [name, minimized] : domain.spec().minimized) {
    if (!details["metrics"].contains(name)) missing.declared.push_back(name);
  }
  return missing;
}

}  // namespace samara
