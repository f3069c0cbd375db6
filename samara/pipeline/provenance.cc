#include "samara/pipeline/provenance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/base/sha256.h"

namespace samara {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kProvenance = "provenance.json";
constexpr std::size_t kLargestProvenance = std::size_t{1} << 20;

/// Members of a JSON object, each held to its type. The first fault is kept.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {
    if (!object.is_object()) fault_ = "it is no JSON object";
  }

  std::string text(const char* key) {
    const Json* value = find(key, "text", &Json::is_string);
    return value ? value->get<std::string>() : "";
  }
  std::string digest(const char* key) {
    std::string value = text(key);
    const bool is_digest = value.size() == 2 * sizeof(Sha256Digest) &&
                           value.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_digest && fault_.empty()) fault_ = fmt::format("\"{}\" is no SHA-256 in hexadecimal", key);
    return value;
  }
  std::uint64_t count(const char* key) {
    const Json* value = find(key, "number of 0 or more", &Json::is_number_unsigned);
    return value ? value->get<std::uint64_t>() : 0;
  }
  double number(const char* key) {
    const Json* value = find(key, "number", &Json::is_number);
    return value ? value->get<double>() : 0.0;
  }
  /// Empty where it is missing.
  const Json& object(const char* key) { return or_empty(find(key, "object", &Json::is_object)); }
  const Json& array(const char* key) { return or_empty(find(key, "array", &Json::is_array)); }

  /// Errors: kInvalidData with the first fault.
  Status status() const {
    if (fault_.empty()) return {};
    return make_error(ErrorCode::kInvalidData, "{}", fault_);
  }

 private:
  const Json* find(const char* key, const char* type, bool (Json::*is_type)() const noexcept) {
    if (!fault_.empty()) return nullptr;
    const auto found = object_.find(key);
    if (found != object_.end() && ((*found).*is_type)()) return &*found;
    fault_ =
        fmt::format("\"{}\" is {}", key, found == object_.end() ? "missing" : fmt::format("no {}", type));
    return nullptr;
  }
  static const Json& or_empty(const Json* value) {
    static const Json empty;
    return value ? *value : empty;
  }

  const Json& object_;
  std::string fault_;
};

Result<LearnedRun> read_learned_run(const Json& json) {
  Members members(json);
  LearnedRun run;
  run.digest = members.digest("digest");
  run.operator_name = members.text("operator");
  run.until = static_cast<std::uint32_t>(members.count("until"));
  Members commits(members.object("commits"));
  SAMARA_TRY_STATUS(members.status());
  for (const auto& [name, count] : members.object("commits").items()) {
    run.commits[name] = commits.count(name.c_str());
  }
  SAMARA_TRY_STATUS(commits.status());
  return run;
}

}  // namespace

const char* weight_name(DiffWeight weight) {
  return weight == DiffWeight::kImpact ? "impact" : "equal";
}

std::string write_provenance(const Provenance& provenance) {
  Json json;
  json["model"] = provenance.model;
  json["start"] = provenance.start;
  json["runs"] = Json::array();
  for (const LearnedRun& run : provenance.runs) {
    json["runs"].push_back({{"digest", run.digest},
                            {"operator", run.operator_name},
                            {"until", run.until},
                            {"commits", run.commits}});
  }
  json["weight"] = weight_name(provenance.weight);
  json["tokens"] = provenance.options.tokens;
  json["learning_rate"] = provenance.options.learning_rate;
  json["max_tokens"] = provenance.options.max_tokens;
  json["seed"] = provenance.options.seed;
  json["samara_version"] = provenance.samara_version;
  return json.dump(2) + "\n";
}

Result<Provenance> read_provenance(std::string_view json) {
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  Members members(object);
  Provenance provenance;
  provenance.model = members.digest("model");
  provenance.start = members.digest("start");
  provenance.samara_version = members.text("samara_version");
  const std::string weight = members.text("weight");
  provenance.options.tokens = members.count("tokens");
  provenance.options.learning_rate = members.number("learning_rate");
  provenance.options.max_tokens = members.count("max_tokens");
  provenance.options.seed = members.count("seed");
  const Json& runs = members.array("runs");
  SAMARA_TRY_STATUS(members.status());
  for (const Json& run : runs) {
    SAMARA_TRY(LearnedRun learned, read_learned_run(run));
    provenance.runs.push_back(std::move(learned));
  }
  for (const DiffWeight known : {DiffWeight::kEqual, DiffWeight::kImpact}) {
    if (weight != weight_name(known)) continue;
    provenance.weight = known;
    return provenance;
  }
  return make_error(ErrorCode::kInvalidData, "\"weight\" is neither equal nor impact");
}

Result<std::optional<Provenance>> load_provenance(const std::filesystem::path& model) {
  const std::filesystem::path path = model / kProvenance;
  const Result<std::string> text = read_file(path, kLargestProvenance);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) return std::optional<Provenance>();
  if (!text.ok()) return text.error();
  Result<Provenance> provenance = read_provenance(*text);
  if (provenance.ok()) return std::optional(std::move(provenance).value());
  return make_error(
      ErrorCode::kInvalidData,
      "{} is not what `samara finetune` writes: {}. The model does not need it; remove the file, "
      "or name it otherwise",
      path.string(), provenance.error().message);
}

Status copy_provenance(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Result<std::optional<Provenance>> provenance = load_provenance(from);
  if (!provenance.ok() || !*provenance) return {};
  return write_file(to / kProvenance, write_provenance(**provenance));
}

Status save_tuned(const lm::Model& tuned, const lm::Model& start, std::vector<LearnedRun> runs,
                  const FinetuneOptions& options, const std::filesystem::path& folder, DiffWeight weight) {
  const Provenance provenance{
      lm::model_digest(tuned), lm::model_digest(start), std::move(runs), weight, options, SAMARA_VERSION};
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    return make_error(ErrorCode::kIo, "cannot make the folder {}: {}", folder.string(), failure.message());
  }
  // In front of the model, so that a model that a kill left whole has it.
  SAMARA_TRY_STATUS(write_file(folder / kProvenance, write_provenance(provenance)));
  return lm::save_model(tuned, folder);
}

}  // namespace samara
