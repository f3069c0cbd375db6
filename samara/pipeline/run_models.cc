#include "samara/pipeline/run_models.h"

#include <algorithm>

#include "samara/base/check.h"
#include "samara/mutation/diff/diff_codec.h"

namespace samara {

std::filesystem::path bundled_model() {
  return std::filesystem::path(SAMARA_MODELS_DIR) / "diff";
}

Result<lm::Model> RunModels::find(const RunSpec& spec) {
  const std::filesystem::path folder =
      spec.model.empty() ? bundled_model() : std::filesystem::path(spec.model);
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
  return !std::filesystem::exists(folder_of(generation_of(iteration)) / "config.json");
}

Result<std::shared_ptr<const lm::Model>> RunModels::model_for(std::uint32_t iteration) {
  const std::uint32_t generation = generation_of(iteration);
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const Loaded& loaded) { return loaded.generation == generation; });
  if (found != loaded_.end()) return found->model;
  SAMARA_TRY(lm::Model model, lm::load_model(folder_of(generation)));
  if (loaded_.size() == 2) loaded_.erase(loaded_.begin());
  loaded_.push_back({generation, std::make_shared<const lm::Model>(std::move(model))});
  return loaded_.back().model;
}

}  // namespace samara
