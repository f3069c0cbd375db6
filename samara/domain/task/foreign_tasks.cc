#include "samara/domain/task/foreign_tasks.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <regex>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/domain/task/task_domain.h"
#include "samara/domain/task/task_folder.h"

namespace samara::task {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{1} << 22;

enum class Fate {
  kUsed,
  kPrompt,  ///< of the operator prompt, which has settings of its own
  kOther,   ///< Samara does this in another way
  kDead,    ///< does nothing in OpenEvolve either
};

/// Every key of OpenEvolve 0.3's config.yaml.
const std::map<std::string, Fate>& known_keys() {
  static const std::map<std::string, Fate> kKeys = [] {
    std::map<std::string, Fate> keys;
    const auto add = [&](Fate fate, std::initializer_list<const char*> names) {
      for (const char* name : names) keys[name] = fate;
    };
    add(Fate::kUsed,
        {"max_iterations", "random_seed", "language", "file_suffix", "prompt.system_message",
         "database.feature_dimensions", "database.feature_bins", "database.random_seed", "evaluator.timeout",
         "evaluator.cascade_evaluation", "evaluator.cascade_thresholds", "evaluator.enable_artifacts"});
    add(Fate::kPrompt, {"llm.api_base",
                        "llm.api_key",
                        "llm.models",
                        "llm.evaluator_models",
                        "llm.primary_model",
                        "llm.primary_model_weight",
                        "llm.secondary_model",
                        "llm.secondary_model_weight",
                        "llm.temperature",
                        "llm.top_p",
                        "llm.max_tokens",
                        "llm.timeout",
                        "llm.retries",
                        "llm.retry_delay",
                        "llm.random_seed",
                        "llm.reasoning_effort",
                        "llm.name",
                        "llm.weight",
                        "llm.system_message",
                        "llm.evaluator_system_message",
                        "prompt.template_dir",
                        "prompt.evaluator_system_message",
                        "prompt.num_top_programs",
                        "prompt.num_diverse_programs",
                        "prompt.use_template_stochasticity",
                        "prompt.template_variations",
                        "prompt.include_artifacts",
                        "prompt.max_artifact_bytes",
                        "prompt.artifact_security_filter",
                        "prompt.suggest_simplification_after_chars",
                        "prompt.include_changes_under_chars",
                        "prompt.concise_implementation_max_lines",
                        "prompt.comprehensive_implementation_min_lines",
                        "prompt.programs_as_changes_description",
                        "prompt.code_length_threshold",
                        "diff_based_evolution",
                        "diff_pattern",
                        "max_code_length",
                        "evaluator.use_llm_feedback",
                        "evaluator.llm_feedback_weight"});
    add(Fate::kOther, {"checkpoint_interval",
                       "log_level",
                       "log_dir",
                       "early_stopping_patience",
                       "convergence_threshold",
                       "early_stopping_metric",
                       "max_tasks_per_child",
                       "database.population_size",
                       "database.archive_size",
                       "database.num_islands",
                       "database.elite_selection_ratio",
                       "database.exploration_ratio",
                       "database.exploitation_ratio",
                       "database.migration_interval",
                       "database.migration_rate",
                       "database.similarity_threshold",
                       "database.novelty_llm",
                       "database.embedding_model",
                       "database.db_path",
                       "database.in_memory",
                       "database.log_prompts",
                       "database.programs_per_island",
                       "database.diversity_reference_size",
                       "database.artifacts_base_path",
                       "database.artifact_size_threshold",
                       "database.cleanup_old_artifacts",
                       "database.artifact_retention_days",
                       "evaluator.max_retries",
                       "evaluator.parallel_evaluations",
                       "evaluator.max_artifact_storage",
                       "evolution_trace"});
    add(Fate::kDead, {"allow_full_rewrites", "prompt.use_meta_prompting", "prompt.meta_prompt_weight",
                      "database.diversity_metric", "evaluator.memory_limit_mb", "evaluator.cpu_limit",
                      "evaluator.distributed"});
    return keys;
  }();
  return kKeys;
}

std::string language_of(const fs::path& file) {
  static const std::map<std::string, std::string> kLanguages = {
      {".py", "python"},     {".c", "c"},           {".h", "c"},       {".cpp", "cpp"},     {".cc", "cpp"},
      {".rs", "rust"},       {".go", "go"},         {".jl", "julia"},  {".f90", "fortran"}, {".r", "r"},
      {".js", "javascript"}, {".ts", "typescript"}, {".java", "java"}, {".sv", "verilog"},  {".txt", "text"}};
  const auto at = kLanguages.find(file.extension().string());
  return at != kLanguages.end() ? at->second : "text";
}

/// Reads a config: takes over what counts, and warns of the rest by name.
class ConfigReader {
 public:
  ConfigReader(TaskSpec& spec, ForeignTask& task) : spec_(spec), task_(task) {}

  void read(const YAML::Node& root) {
    walk(root, "");
    if (!prompt_keys_.empty()) {
      task_.warnings.push_back(fmt::format(
          "{} and {} more settings of language models are not taken from this file: give --operator prompt "
          "its own",
          prompt_keys_[0], prompt_keys_.size() - 1));
    }
    const YAML::Node evaluator = root["evaluator"], database = root["database"], prompt = root["prompt"];
    if (root["language"]) spec_.language = root["language"].as<std::string>();
    if (root["max_iterations"]) task_.max_iterations = root["max_iterations"].as<std::uint32_t>();
    if (root["random_seed"] && !root["random_seed"].IsNull()) {
      task_.random_seed = root["random_seed"].as<std::uint64_t>();
    }
    if (prompt && prompt["system_message"]) spec_.description = prompt["system_message"].as<std::string>();
    if (evaluator && evaluator["timeout"]) wall_seconds = evaluator["timeout"].as<double>();
    if (evaluator && evaluator["cascade_evaluation"]) cascade = evaluator["cascade_evaluation"].as<bool>();
    if (evaluator && evaluator["cascade_thresholds"]) {
      thresholds = evaluator["cascade_thresholds"].as<std::vector<double>>();
    }
    if (evaluator && evaluator["enable_artifacts"] && !evaluator["enable_artifacts"].as<bool>()) {
      spec_.evaluator.environment["ENABLE_ARTIFACTS"] = "false";
    }
    if (database) read_features(database);
  }

  double wall_seconds = 300.0;
  bool cascade = true;
  std::vector<double> thresholds = {0.5, 0.75, 0.9};

 private:
  void walk(const YAML::Node& node, const std::string& prefix) {
    if (!node.IsMap()) return;
    for (const auto& entry : node) {
      const std::string key = prefix + entry.first.as<std::string>();
      const auto known = known_keys().find(key);
      if (known == known_keys().end()) {
        const bool section =
            prefix.empty() && std::any_of(known_keys().begin(), known_keys().end(),
                                          [&](const auto& k) { return k.first.starts_with(key + "."); });
        if (section) {
          walk(entry.second, key + ".");
        } else {
          unknown(key);
        }
      } else if (known->second == Fate::kDead) {
        task_.warnings.push_back(fmt::format("{} does nothing, in OpenEvolve either", key));
      } else if (known->second == Fate::kOther) {
        task_.warnings.push_back(fmt::format("{} has no counterpart in Samara and is passed over", key));
      } else if (known->second == Fate::kPrompt) {
        prompt_keys_.push_back(key);
      }
    }
  }

  void unknown(const std::string& key) {
    std::vector<std::string> names;
    for (const auto& [name, fate] : known_keys()) names.push_back(name);
    const auto nearest = nearest_name(key, names);
    task_.warnings.push_back(fmt::format("{} is no setting of OpenEvolve{}", key,
                                         nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
  }

  void read_features(const YAML::Node& database) {
    const YAML::Node names = database["feature_dimensions"], bins = database["feature_bins"];
    std::vector<BehaviorSpec> behavior;
    for (const auto& entry : names ? names : YAML::Node(YAML::NodeType::Sequence)) {
      const std::string name = entry.as<std::string>();
      if (name == "diversity") {
        task_.warnings.push_back(
            "the feature dimension diversity is left out: it depends on what else is in the population, so "
            "that the same "
            "program would move");
        continue;
      }
      BehaviorSpec dimension;
      dimension.name = name == "complexity" ? kProgramSize : name == "score" ? kFitness : name;
      if (bins && bins.IsScalar()) dimension.bins = bins.as<std::uint32_t>();
      if (bins && bins.IsMap() && bins[name]) dimension.bins = bins[name].as<std::uint32_t>();
      behavior.push_back(std::move(dimension));
    }
    if (!behavior.empty()) spec_.behavior = std::move(behavior);
  }

  TaskSpec& spec_;
  ForeignTask& task_;
  std::vector<std::string> prompt_keys_;
};

/// The file's path within the copied folder; copied there when it stands elsewhere.
Result<std::string> bring(const fs::path& file, const fs::path& from, const fs::path& to) {
  const fs::path relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(from));
  const bool inside = !relative.empty() && *relative.begin() != "..";
  if (inside && fs::exists(to / relative)) return relative.string();
  SAMARA_TRY(const std::string text, read_file(file, kLargestFile));
  SAMARA_TRY_STATUS(write_file(to / file.filename(), text));
  ::chmod((to / file.filename()).c_str(), 0444);
  return file.filename().string();
}

Status finish(const TaskSpec& spec, const fs::path& to) {
  SAMARA_TRY_STATUS(write_file(to / kTaskFile, write_task(spec)));
  ::chmod((to / kTaskFile).c_str(), 0444);
  return {};
}

/// For evaluators that were written without limits in mind.
void be_generous(EvaluationLimits& limits, double wall_seconds) {
  limits.wall_seconds = wall_seconds;
  limits.cpu_seconds = 8.0 * wall_seconds;  // they may use all cores
  limits.memory_mb = 4096;
  limits.address_space_mb = 1u << 16;
  limits.processes = 256;
  limits.file_mb = 256;
}

}  // namespace

Result<ForeignTask> import_openevolve(const fs::path& initial, const fs::path& evaluator,
                                      const fs::path& config, const fs::path& to) {
  ForeignTask task;
  TaskSpec spec;
  SAMARA_TRY(const std::string source, read_file(evaluator, kLargestFile));
  const fs::path from = fs::absolute(evaluator).parent_path();
  SAMARA_TRY_STATUS(copy_task(from, to));
  SAMARA_TRY(spec.program[0], bring(initial, from, to));
  SAMARA_TRY(spec.evaluator.file, bring(evaluator, from, to));
  spec.name = fs::absolute(initial).parent_path().filename().string();
  spec.language = language_of(initial);

  ConfigReader reader(spec, task);
  if (!config.empty()) {
    SAMARA_TRY(const std::string text, read_file(config, kLargestFile));
    try {
      reader.read(YAML::Load(text));
    } catch (const YAML::Exception& error) {
      return make_error(ErrorCode::kInvalidArgument, "{}:{}: {}", config.string(), error.mark.line + 1,
                        error.msg);
    }
  }
  be_generous(spec.limits, reader.wall_seconds);
  const auto has_function = [&](const std::string& name) {
    return std::regex_search(source, std::regex("(^|\n)(async +)?def +" + name + "\\b"));
  };
  if (reader.cascade && has_function("evaluate_stage1")) {
    spec.evaluator.stages.clear();
    for (std::size_t stage = 1; stage <= 3; ++stage) {
      const std::string name = fmt::format("evaluate_stage{}", stage);
      if (!has_function(name)) break;
      if (stage > 1)
        spec.evaluator.stages.back().threshold =
            stage - 2 < reader.thresholds.size() ? reader.thresholds[stage - 2] : 0.5;
      spec.evaluator.stages.push_back({name, {}});
    }
  }
  SAMARA_TRY_STATUS(finish(spec, to));
  return task;
}

Result<ForeignTask> import_shinka(const fs::path& folder, const fs::path& to) {
  TaskSpec spec;
  fs::path initial;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().stem() == "initial" && entry.is_regular_file()) initial = entry.path();
  }
  if (error || initial.empty() || !fs::exists(folder / "evaluate.py")) {
    return make_error(ErrorCode::kNotFound,
                      "{} holds no ShinkaEvolve task: it needs evaluate.py and initial.<suffix>",
                      folder.string());
  }
  SAMARA_TRY_STATUS(copy_task(folder, to));
  spec.name = fs::absolute(folder / "evaluate.py").lexically_normal().parent_path().filename().string();
  spec.language = language_of(initial);
  spec.program = {initial.filename().string()};
  spec.evaluator.kind = EvaluatorKind::kShinka;
  spec.evaluator.file = "evaluate.py";
  be_generous(spec.limits, 300.0);
  SAMARA_TRY_STATUS(finish(spec, to));
  return ForeignTask{};
}

}  // namespace samara::task
