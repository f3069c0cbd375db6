#include "samara/lm/train/training_job.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/lm/train/examples_file.h"

namespace samara::lm {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLargestFile = std::size_t{1} << 36;

std::filesystem::path start_folder(const std::filesystem::path& job) {
  return job / "start";
}
std::filesystem::path examples_file(const std::filesystem::path& job, const char* which) {
  return job / fmt::format("{}.examples", which);
}

/// Names of the enumerations, as options files spell them.
constexpr std::pair<Precision, const char*> kPrecisions[] = {{Precision::kBF16, "bf16"},
                                                             {Precision::kFP32, "fp32"}};
constexpr std::pair<Optimizer, const char*> kOptimizers[] = {{Optimizer::kAdamW, "adamw"},
                                                             {Optimizer::kMuon, "muon"}};
constexpr std::pair<Decay, const char*> kDecays[] = {{Decay::kLinear, "linear"}, {Decay::kCosine, "cosine"}};

template <typename Enum, std::size_t N>
std::string name_of(const std::pair<Enum, const char*> (&names)[N], Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

/// Copies one member of the JSON object; false when it is there with another type or an unknown name.
struct Field {
  std::string key;
  std::function<void(const TrainingOptions&, ordered_json&)> write;
  std::function<bool(const json&, TrainingOptions&)> read;
};

template <typename Value>
Field number(std::string key, Value TrainingOptions::*member) {
  return {std::move(key), [member](const TrainingOptions& o, ordered_json& out) { out = o.*member; },
          [member](const json& in, TrainingOptions& o) {
            const bool fits = std::is_floating_point_v<Value> ? in.is_number()
                              : std::is_signed_v<Value>       ? in.is_number_integer()
                                                              : in.is_number_unsigned();
            if (fits) o.*member = in.get<Value>();
            return fits;
          }};
}

/// Member is Enum, or optional: then what is none is null.
template <typename Member, typename Enum, std::size_t N>
Field name(std::string key, Member TrainingOptions::*member, const std::pair<Enum, const char*> (&names)[N]) {
  return {std::move(key),
          [member, &names](const TrainingOptions& o, ordered_json& out) {
            const std::optional<Enum> value = o.*member;
            if (value) out = name_of(names, *value);
          },
          [member, &names](const json& in, TrainingOptions& o) {
            if (in.is_null() && std::is_same_v<Member, std::optional<Enum>>) return true;
            for (const auto& [value, spelled] : names) {
              if (in == spelled) {
                o.*member = value;
                return true;
              }
            }
            return false;
          }};
}

std::vector<Field> result_fields() {
  using O = TrainingOptions;
  return {number("seed", &O::seed),
          number("tokens", &O::tokens),
          number("batch_tokens", &O::batch_tokens),
          number("micro_batch_tokens", &O::micro_batch_tokens),
          number("learning_rate", &O::learning_rate),
          number("warmup", &O::warmup),
          number("decay_from", &O::decay_from),
          name("decay", &O::decay, kDecays),
          number("final_share", &O::final_share),
          number("weight_decay", &O::weight_decay),
          number("beta1", &O::beta1),
          number("beta2", &O::beta2),
          number("epsilon", &O::epsilon),
          number("clip_norm", &O::clip_norm),
          name("optimizer", &O::optimizer, kOptimizers),
          number("muon_learning_rate", &O::muon_learning_rate),
          number("muon_momentum", &O::muon_momentum),
          number("prompt_loss_weight", &O::prompt_loss_weight),
          number("short_first", &O::short_first),
          number("short_tokens", &O::short_tokens),
          name("precision", &O::precision, kPrecisions),
          {"device", [](const O& o, ordered_json& out) { out = o.device; },
           [](const json& in, O& o) {
             if (in.is_string()) o.device = in.get<std::string>();
             return in.is_string();
           }}};
}

std::vector<Field> speed_fields() {
  using O = TrainingOptions;
  return {number("threads", &O::threads), number("checkpoint_every", &O::checkpoint_every),
          number("report_every", &O::report_every), number("validate_every", &O::validate_every)};
}

ordered_json as_json(const TrainingOptions& options, const std::vector<Field>& fields) {
  ordered_json object = ordered_json::object();
  for (const Field& field : fields) field.write(options, object[field.key]);
  return object;
}

/// What makes two jobs the same training.
std::string identity(const TrainingJob& job, const TrainingOptions& options) {
  const ordered_json json = {{"start", model_digest(job.start)},
                             {"training", job.training.digest()},
                             {"validation", job.validation.digest()},
                             {"options", as_json(options, result_fields())}};
  return json.dump(2) + "\n";
}

/// Of the training that an identity is of; none for another text.
std::optional<Precision> precision_in(const std::string& identity) {
  const json object = json::parse(identity, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || !object.contains("options")) return std::nullopt;
  const Result<TrainingOptions> options = read_training_options(object["options"].dump());
  return options.ok() ? options->precision : std::nullopt;
}

/// In what two jobs differ, by their identities, for messages: "other: start model, warmup (0.02 there, 0.1
/// here)".
std::string differences(const std::string& theirs, const std::string& ours) {
  const json there = json::parse(theirs, nullptr, /*allow_exceptions=*/false);
  const json here = json::parse(ours);
  if (!there.is_object() || !there.contains("options") || !there["options"].is_object()) {
    return "its job.json cannot be read";
  }
  std::vector<std::string> parts;
  constexpr std::pair<const char*, const char*> kDigests[] = {
      {"start", "start model"}, {"training", "training examples"}, {"validation", "held-back examples"}};
  for (const auto& [key, what] : kDigests) {
    if (!there.contains(key) || there[key] != here[key]) parts.emplace_back(what);
  }
  for (const auto& [key, value] : here["options"].items()) {
    const json& options = there["options"];
    if (!options.contains(key)) {
      parts.push_back(fmt::format("{} (none there)", key));
    } else if (options[key] != value) {
      parts.push_back(fmt::format("{} ({} there, {} here)", key, options[key].dump(), value.dump()));
    }
  }
  return fmt::format("other: {}", fmt::join(parts, ", "));
}

}  // namespace

std::filesystem::path job_checkpoint(const std::filesystem::path& job) {
  return job / "checkpoint";
}
std::filesystem::path job_result(const std::filesystem::path& job) {
  return job / "model";
}
std::filesystem::path job_curve(const std::filesystem::path& job) {
  return job / "curve.csv";
}

Status write_training_job(const std::filesystem::path& folder, const TrainingJob& job) {
  SAMARA_TRY_STATUS(validate(job.options));
  const std::filesystem::path identity_file = folder / "job.json";
  const Result<std::string> existing = read_file(identity_file);
  TrainingOptions options = job.options;
  if (!options.precision && existing.ok()) options.precision = precision_in(*existing);
  options.precision = precision_of(options);
  const std::string ours = identity(job, options);
  if (existing.ok()) {
    if (*existing == ours) return write_file(folder / "options.json", write_training_options(options));
    return make_error(
        ErrorCode::kAlreadyExists,
        "{} holds another training ({}); give the options that it was started with, remove it, or choose "
        "another folder",
        folder.string(), differences(*existing, ours));
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return make_error(ErrorCode::kIo, "cannot make {}: {}", folder.string(), error.message());
  SAMARA_TRY_STATUS(save_model(job.start, start_folder(folder), DataType::kF32));
  SAMARA_TRY_STATUS(write_examples(examples_file(folder, "training"), job.training));
  SAMARA_TRY_STATUS(write_examples(examples_file(folder, "validation"), job.validation));
  SAMARA_TRY_STATUS(write_file(folder / "options.json", write_training_options(options)));
  return write_file(identity_file, ours);  // last: with it the job is whole
}

Result<TrainingJob> read_training_job(const std::filesystem::path& folder) {
  SAMARA_TRY_STATUS(read_file(folder / "job.json"));
  SAMARA_TRY(Model start, load_model(start_folder(folder)));
  SAMARA_TRY(ExampleSet training, read_examples(examples_file(folder, "training"), kLargestFile));
  SAMARA_TRY(ExampleSet validation, read_examples(examples_file(folder, "validation"), kLargestFile));
  SAMARA_TRY(const std::string text, read_file(folder / "options.json"));
  SAMARA_TRY(TrainingOptions options, read_training_options(text));
  options.checkpoint = job_checkpoint(folder);
  return TrainingJob{std::move(start), std::move(training), std::move(validation), std::move(options)};
}

std::string write_training_options(const TrainingOptions& options) {
  ordered_json object = as_json(options, result_fields());
  object.update(as_json(options, speed_fields()));
  return object.dump(2) + "\n";
}

Result<TrainingOptions> read_training_options(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return make_error(ErrorCode::kInvalidData, "training options are no JSON object");
  TrainingOptions options;
  std::vector<Field> fields = result_fields();
  for (Field& field : speed_fields()) fields.push_back(std::move(field));
  for (const Field& field : fields) {
    if (object.contains(field.key) && !field.read(object[field.key], options)) {
      return make_error(ErrorCode::kInvalidData, "training option '{}' cannot be {}", field.key,
                        object[field.key].dump());
    }
  }
  return options;
}

std::string write_progress(const TrainingProgress& p) {
  ordered_json object = {{"step", p.step},
                         {"tokens", p.tokens},
                         {"budget", p.budget},
                         {"loss", p.loss},
                         {"learning_rate", p.learning_rate},
                         {"gradient_norm", p.gradient_norm},
                         {"seconds", p.seconds},
                         {"tokens_per_second", p.tokens_per_second},
                         {"seconds_left", p.seconds_left},
                         {"padding", p.padding}};
  if (p.validation) {
    object["validation_loss"] = p.validation->loss;
    object["validation_accuracy"] = p.validation->accuracy;
  }
  return object.dump();
}

Result<TrainingProgress> read_progress(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto get = [&](const char* key, double otherwise = 0.0) {
    return object.contains(key) && object[key].is_number() ? object[key].get<double>() : otherwise;
  };
  if (!object.is_object() || !object.contains("step")) {
    return make_error(ErrorCode::kInvalidData, "no progress of a training: {}", text.substr(0, 200));
  }
  TrainingProgress p;
  p.step = static_cast<std::uint64_t>(get("step"));
  p.tokens = static_cast<std::uint64_t>(get("tokens"));
  p.budget = static_cast<std::uint64_t>(get("budget"));
  p.loss = get("loss");
  p.learning_rate = get("learning_rate");
  p.gradient_norm = get("gradient_norm");
  p.seconds = get("seconds");
  p.tokens_per_second = get("tokens_per_second");
  p.seconds_left = get("seconds_left");
  p.padding = get("padding");
  if (object.contains("validation_loss")) {
    p.validation = Evaluation{get("validation_loss"), get("validation_accuracy")};
  }
  return p;
}

}  // namespace samara::lm
