#include "samara/domain/task/internal/openevolve_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "samara/base/file.h"
#include "samara/base/text.h"

namespace samara::task::internal {
namespace {

constexpr std::size_t kLargestConfig = std::size_t{1} << 22;

enum class Fate {
  kUsed,
  kModels,  ///< of the operator prompt, which takes it
  kOther,   ///< not taken; Samara may have something like it
  kDead,    ///< does nothing in OpenEvolve either
};

struct Key {
  Fate fate = Fate::kOther;
  const char* like = "";  ///< the flag for what is like it
};

/// Every key of OpenEvolve 0.3's config.yaml.
const std::map<std::string, Key>& known_keys() {
  static const std::map<std::string, Key> kKeys = [] {
    std::map<std::string, Key> keys;
    const auto add = [&](Fate fate, std::initializer_list<const char*> names) {
      for (const char* name : names) keys[name] = {fate};
    };
    add(Fate::kUsed,
        {"max_iterations", "random_seed", "language", "file_suffix", "prompt.system_message",
         "database.feature_dimensions", "database.feature_bins", "evaluator.timeout",
         "evaluator.cascade_evaluation", "evaluator.cascade_thresholds", "evaluator.enable_artifacts"});
    add(Fate::kModels,
        {"llm.api_base", "llm.api_key", "llm.models", "llm.primary_model", "llm.primary_model_weight",
         "llm.secondary_model", "llm.secondary_model_weight", "llm.temperature", "llm.top_p",
         "llm.max_tokens", "llm.timeout", "llm.reasoning_effort", "diff_based_evolution"});
    add(Fate::kOther, {"checkpoint_interval",
                       "log_level",
                       "log_dir",
                       "max_tasks_per_child",
                       "diff_pattern",
                       "max_code_length",
                       "evolution_trace",
                       "llm.evaluator_models",
                       "llm.retries",
                       "llm.retry_delay",
                       "llm.name",
                       "llm.weight",
                       "llm.system_message",
                       "llm.evaluator_system_message",
                       "prompt.evaluator_system_message",
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
                       "database.population_size",
                       "database.archive_size",
                       "database.exploration_ratio",
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
                       "evaluator.max_artifact_storage",
                       "evaluator.use_llm_feedback",
                       "evaluator.llm_feedback_weight"});
    const std::pair<const char*, const char*> alike[] = {
        {"early_stopping_patience", "--patience"},
        {"convergence_threshold", "--patience-gain"},
        {"early_stopping_metric", "--patience-metric"},
        {"llm.random_seed", "--rng-seed"},
        {"database.random_seed", "--rng-seed"},
        {"prompt.template_dir", "--prompt-templates"},
        {"prompt.num_top_programs", "--prompt-inspirations"},
        {"prompt.num_diverse_programs", "--prompt-inspirations"},
        {"database.num_islands", "--islands"},
        {"database.migration_interval", "--migration-interval"},
        {"database.migration_rate", "--migration-rate"},
        {"database.similarity_threshold", "--novelty"},
        {"database.elite_selection_ratio", "--tournament"},
        {"database.exploitation_ratio", "--tournament"},
        {"evaluator.parallel_evaluations", "--workers"}};
    for (const auto& [name, like] : alike) keys[name] = {Fate::kOther, like};
    add(Fate::kDead, {"allow_full_rewrites", "prompt.use_meta_prompting", "prompt.meta_prompt_weight",
                      "database.diversity_metric", "evaluator.memory_limit_mb", "evaluator.cpu_limit",
                      "evaluator.distributed"});
    return keys;
  }();
  return kKeys;
}

/// The NAME of "${NAME}"; none for anything else.
std::optional<std::string> variable_of(const YAML::Node& value) {
  static const std::regex kVariable(R"(\$\{([A-Za-z_][A-Za-z0-9_]*)\})");
  std::smatch match;
  const std::string text = value.IsScalar() ? value.Scalar() : "";
  if (!std::regex_match(text, match, kVariable)) return std::nullopt;
  return match[1].str();
}

/// An api_key anywhere below that is not the name of a variable.
bool holds_key(const YAML::Node& node, int depth = 0) {
  constexpr int kDeepest = 16;  // anchors may make circles
  if (depth > kDeepest) return false;
  bool found = false;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) found |= holds_key(item, depth + 1);
  } else if (node.IsMap()) {
    for (const auto& entry : node) {
      const bool key = entry.first.IsScalar() && entry.first.Scalar() == "api_key" && entry.second.IsScalar();
      found |= key ? !entry.second.Scalar().empty() && !variable_of(entry.second)
                   : holds_key(entry.second, depth + 1);
    }
  }
  return found;
}

bool given(const YAML::Node& node) {
  return node.IsDefined() && !node.IsNull();
}

/// Reads a config: takes over what counts, and warns of the rest by name.
class Reader {
 public:
  explicit Reader(ForeignTask& task) : task_(task) {}

  OpenEvolveConfig read(const YAML::Node& root) {
    OpenEvolveConfig config;
    walk(root, "");
    const YAML::Node evaluator = root["evaluator"], database = root["database"], prompt = root["prompt"];
    if (root["language"]) task_.spec.language = root["language"].as<std::string>();
    if (root["max_iterations"]) task_.max_iterations = root["max_iterations"].as<std::uint32_t>();
    if (given(root["random_seed"])) task_.random_seed = root["random_seed"].as<std::uint64_t>();
    if (prompt && prompt["system_message"]) {
      task_.spec.description = prompt["system_message"].as<std::string>();
    }
    if (evaluator && evaluator["timeout"]) config.wall_seconds = evaluator["timeout"].as<double>();
    if (evaluator && evaluator["cascade_evaluation"]) {
      config.cascade = evaluator["cascade_evaluation"].as<bool>();
    }
    if (evaluator && evaluator["cascade_thresholds"]) {
      config.thresholds = evaluator["cascade_thresholds"].as<std::vector<double>>();
    }
    if (evaluator && evaluator["enable_artifacts"] && !evaluator["enable_artifacts"].as<bool>()) {
      task_.spec.evaluator.environment["ENABLE_ARTIFACTS"] = "false";
    }
    if (database) read_features(database);
    if (root["diff_based_evolution"]) task_.models.rewrites = !root["diff_based_evolution"].as<bool>();
    if (root["llm"] && root["llm"].IsMap()) read_models(root["llm"]);
    config.holds_key = holds_key(root);
    if (config.holds_key) {
      warn(
          "an api_key stands in the file: it is neither used nor kept. Keys come from the environment alone: "
          "write ${NAME}, or give --prompt-key-variable NAME");
    }
    warn_of(dead_, "without effect in OpenEvolve too");
    warn_of(alike_, "not taken from the file; give the flag for what is alike");
    warn_of(other_, "passed over, without a counterpart in Samara");
    return config;
  }

 private:
  void walk(const YAML::Node& node, const std::string& prefix) {
    if (!node.IsMap()) return;
    for (const auto& entry : node) {
      const std::string key = prefix + entry.first.as<std::string>();
      const auto known = known_keys().find(key);
      if (known != known_keys().end()) {
        note(key, known->second);
        continue;
      }
      const bool section =
          prefix.empty() && std::any_of(known_keys().begin(), known_keys().end(),
                                        [&](const auto& k) { return k.first.starts_with(key + "."); });
      if (section) {
        walk(entry.second, key + ".");
      } else {
        unknown(key);
      }
    }
  }

  void note(const std::string& key, const Key& known) {
    if (known.fate == Fate::kDead) dead_.push_back(key);
    if (known.fate == Fate::kModels) task_.models.keys.push_back(key);
    if (known.fate != Fate::kOther) return;
    if (*known.like != '\0') {
      alike_.push_back(fmt::format("{} ({})", key, known.like));
    } else {
      other_.push_back(key);
    }
  }

  void unknown(const std::string& key) {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : known_keys()) names.push_back(name);
    const auto nearest = nearest_name(key, names);
    warn(fmt::format("{} is no setting of OpenEvolve{}", key,
                     nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
  }

  void warn(std::string text) { task_.warnings.push_back(std::move(text)); }
  void warn_of(const std::vector<std::string>& keys, std::string_view what) {
    if (!keys.empty()) warn(fmt::format("{}: {}", what, fmt::join(keys, ", ")));
  }

  void read_features(const YAML::Node& database) {
    const YAML::Node names = database["feature_dimensions"], bins = database["feature_bins"];
    std::vector<BehaviorSpec> behavior;
    for (const auto& entry : names ? names : YAML::Node(YAML::NodeType::Sequence)) {
      const std::string name = entry.as<std::string>();
      if (name == "diversity") {
        warn(
            "the feature dimension diversity is left out: it depends on what else is in the population, so "
            "that the same program would move");
        continue;
      }
      BehaviorSpec dimension;
      dimension.name = name == "complexity" ? kProgramSize : name == "score" ? kFitness : name;
      if (bins && bins.IsScalar()) dimension.bins = bins.as<std::uint32_t>();
      if (bins && bins.IsMap() && bins[name]) dimension.bins = bins[name].as<std::uint32_t>();
      behavior.push_back(std::move(dimension));
    }
    if (!behavior.empty()) task_.spec.behavior = std::move(behavior);
  }

  void read_models(const YAML::Node& llm) {
    ForeignModels& result = task_.models;
    std::vector<YAML::Node> models;
    if (llm["models"] && llm["models"].IsSequence()) {
      for (const YAML::Node& model : llm["models"]) {
        models.push_back(model);
        add_model(model["name"], model["weight"], 1.0);
        for (const auto& entry : model) {
          const std::string key = entry.first.as<std::string>();
          const auto known = known_keys().find("llm." + key);
          if (known == known_keys().end()) {
            unknown("llm.models." + key);
          } else if (key != "name" && key != "weight") {
            note("llm.models." + key, known->second);
          }
        }
      }
    }
    add_model(llm["primary_model"], llm["primary_model_weight"], 1.0);
    add_model(llm["secondary_model"], llm["secondary_model_weight"], 0.2);
    if (given(llm["primary_model"]) || given(llm["secondary_model"]))
      models.emplace_back(YAML::NodeType::Map);
    if (models.empty()) models.emplace_back(YAML::NodeType::Map);

    nlohmann::json body;
    take(llm, models, "api_base", [&](const YAML::Node& v) { result.endpoint = v.as<std::string>(); });
    take(llm, models, "api_key",
         [&](const YAML::Node& v) { result.key_variable = variable_of(v).value_or(""); });
    take(llm, models, "temperature", [&](const YAML::Node& v) { result.temperature = v.as<double>(); });
    take(llm, models, "max_tokens", [&](const YAML::Node& v) { result.max_tokens = v.as<std::uint32_t>(); });
    take(llm, models, "timeout", [&](const YAML::Node& v) { result.seconds = v.as<double>(); });
    take(llm, models, "top_p", [&](const YAML::Node& v) { body["top_p"] = v.as<double>(); });
    take(llm, models, "reasoning_effort",
         [&](const YAML::Node& v) { body["reasoning_effort"] = v.as<std::string>(); });
    if (!body.is_null()) result.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  void add_model(const YAML::Node& name, const YAML::Node& weight, double otherwise) {
    if (!given(name)) return;
    const double share = given(weight) ? weight.as<double>() : otherwise;
    if (share > 0.0) task_.models.weights[name.as<std::string>()] += share;
  }

  /// A setting of all models: a model's own goes before the section's. Where they differ, the first one's.
  void take(const YAML::Node& llm, const std::vector<YAML::Node>& models, const char* key,
            const std::function<void(const YAML::Node&)>& use) {
    const auto own = [&](const YAML::Node& model) {
      const YAML::Node value = model[key];
      return given(value) ? value : llm[key];
    };
    const auto text = [&](const YAML::Node& model) {
      const YAML::Node value = own(model);
      return given(value) && value.IsScalar() ? value.Scalar() : "";
    };
    const YAML::Node first = own(models[0]);
    if (given(first)) use(first);
    if (std::any_of(models.begin(), models.end(),
                    [&](const auto& m) { return text(m) != text(models[0]); })) {
      warn(fmt::format("the models in llm.models differ in {}: all are asked as the first one is", key));
    }
  }

  ForeignTask& task_;
  std::vector<std::string> dead_, alike_, other_;  // keys, in the file's order
};

}  // namespace

Result<OpenEvolveConfig> read_openevolve_config(const std::filesystem::path& file, ForeignTask& task) {
  SAMARA_TRY(const std::string text, read_file(file, kLargestConfig));
  try {
    return Reader(task).read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    return make_error(ErrorCode::kInvalidArgument, "{}:{}: {}", file.string(), error.mark.line + 1,
                      error.msg);
  }
}

}  // namespace samara::task::internal
