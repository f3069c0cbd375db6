#include "samara/pipeline/run_models.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "samara/base/check.h"
#include "samara/mutation/diff/diff_codec.h"

namespace samara {
namespace {

constexpr const char* kConfig = "config.json";  ///< a folder with one holds a model

/// What to do about a model that is not the one which the run had.
std::string way_out(const std::filesystem::path& folder, std::uint32_t generation) {
  if (generation > 0) {
    return fmt::format("put that model back, or remove {}, and it is trained anew when it is needed",
                       folder.string());
  }
  return fmt::format("put that model back, or start a new run: samara evolve --model {} --run NEW ...",
                     folder.string());
}

}  // namespace

std::filesystem::path bundled_model() {
  return std::filesystem::path(SAMARA_MODELS_DIR) / "diff";
}

Result<std::map<std::uint32_t, std::string>> recorded_models(RunStore& store) {
  std::map<std::uint32_t, std::string> recorded;
  SAMARA_TRY_STATUS(store.for_each_iteration([&](std::uint32_t, std::string_view stats) -> Status {
    const auto json = nlohmann::json::parse(stats, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("model") || !json.contains("model_digest")) return {};
    const nlohmann::json &model = json["model"], &digest = json["model_digest"];
    if (model.is_number_unsigned() && digest.is_string()) {
      recorded.emplace(model.get<std::uint32_t>(), digest.get<std::string>());
    }
    return {};
  }));
  return recorded;
}

std::filesystem::path RunModels::start_folder(const RunSpec& spec) {
  return spec.model.empty() ? bundled_model() : std::filesystem::path(spec.model);
}

Result<lm::Model> RunModels::find(const RunSpec& spec) {
  const std::filesystem::path folder = start_folder(spec);
  SAMARA_TRY(lm::Model model, lm::load_model(folder));
  if (Result<diff::DiffCodec> codec = diff::DiffCodec::make(model.tokenizer); !codec.ok()) {
    return make_error(codec.error().code, "{}: {}", folder.string(), codec.error().message);
  }
  return model;
}

RunModels::RunModels(std::filesystem::path run_folder, const RunSpec& spec)
    : run_folder_(std::move(run_folder)), finetune_every_(spec.finetune_every) {}

std::uint32_t RunModels::generation_of(std::uint32_t iteration) const {
  SAMARA_CHECK(iteration >= 1);
  return finetune_every_ == 0 ? 0 : (iteration - 1) / finetune_every_;
}

std::filesystem::path RunModels::folder_of(std::uint32_t generation) const {
  return run_folder_ / "models" / fmt::format("{}", generation);
}

bool RunModels::lacks_model_for(std::uint32_t iteration) const {
  return !std::filesystem::exists(folder_of(generation_of(iteration)) / kConfig);
}

Result<std::shared_ptr<const lm::Model>> RunModels::model_for(std::uint32_t iteration) {
  return model_of(generation_of(iteration));
}

Result<std::shared_ptr<const lm::Model>> RunModels::model_of(std::uint32_t generation) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const Loaded& loaded) { return loaded.generation == generation; });
  if (found != loaded_.end()) return found->model;
  const std::filesystem::path folder = folder_of(generation);
  SAMARA_TRY(lm::Model model, lm::load_model(folder));
  const std::string digest = lm::model_digest(model);
  if (const auto it = digests_.emplace(generation, digest).first; it->second != digest) {
    return make_error(
        ErrorCode::kInvalidData,
        "{} is not the model that the run's iterations were written with: its digest is {}, theirs is {}; {}",
        folder.string(), digest, it->second, way_out(folder, generation));
  }
  if (loaded_.size() == 2) loaded_.erase(loaded_.begin());
  loaded_.push_back({generation, std::make_shared<const lm::Model>(std::move(model))});
  return loaded_.back().model;
}

std::string RunModels::digest_of(std::uint32_t iteration) const {
  const std::lock_guard lock(mutex_);
  const auto found = digests_.find(generation_of(iteration));
  SAMARA_CHECK(found != digests_.end());
  return found->second;
}

Status RunModels::check(const std::map<std::uint32_t, std::string>& recorded) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [generation, digest] : recorded) digests_[generation] = digest;
    loaded_.clear();
  }
  for (const auto& [generation, digest] : recorded) {
    const std::filesystem::path folder = folder_of(generation);
    std::error_code ignored;
    if (std::filesystem::exists(generation == 0 ? folder : folder / kConfig, ignored)) {
      if (const auto model = model_of(generation); !model.ok()) return model.error();
    } else if (generation == 0) {
      return make_error(ErrorCode::kNotFound,
                        "{} is missing, the model that the run began with, of digest {}; put it back",
                        folder.string(), digest);
    }
  }
  return {};
}

}  // namespace samara
