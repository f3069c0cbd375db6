#include "samara/pipeline/generators.h"

#include <map>
#include <mutex>

#include "samara/lm/cpu/cpu_generator.h"

namespace samara {
namespace {

/// Packed weights of the models in use, made by the first thread that asks.
class PackedModels {
 public:
  Result<std::shared_ptr<const lm::PackedModel>> get(const std::shared_ptr<const lm::Model>& model) {
    const std::lock_guard lock(mutex_);
    std::erase_if(packed_, [](const auto& entry) { return entry.second.model.expired(); });
    if (const auto found = packed_.find(model.get()); found != packed_.end()) return found->second.packed;
    SAMARA_TRY(auto packed, lm::PackedModel::make(model->config, model->tensors));
    packed_[model.get()] = {model, packed};
    return packed;
  }

 private:
  struct Entry {
    std::weak_ptr<const lm::Model> model;
    std::shared_ptr<const lm::PackedModel> packed;
  };
  std::mutex mutex_;
  std::map<const lm::Model*, Entry> packed_;
};

}  // namespace

diff::GeneratorFactory cpu_generators() {
  return [models = std::make_shared<PackedModels>()](
             std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
    SAMARA_TRY(auto packed, models->get(model));
    return lm::make_cpu_generator(std::move(packed));
  };
}

}  // namespace samara
