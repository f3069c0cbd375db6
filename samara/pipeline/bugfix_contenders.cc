#include "samara/pipeline/bugfix_contenders.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "samara/mutation/diff/diff_operator.h"
#include "samara/mutation/gp/gp_operator.h"
#include "samara/pipeline/generators.h"
#include "samara/pipeline/run_models.h"

namespace samara {
namespace {

using bugfix::ArmedOperator;
using bugfix::Contender;
using bugfix::Hint;
using bugfix::OperatorMaker;

Contender gp_contender(const std::string& name, gp::Preset preset, double node_rate) {
  Contender contender;
  contender.name = name;
  contender.harnesses = {gp::harness()};
  contender.start = [preset, node_rate](PythonRunner& runner, std::size_t harness) -> Result<OperatorMaker> {
    return OperatorMaker([preset, node_rate, &runner, harness](const Hint& hint) -> Result<ArmedOperator> {
      ArmedOperator armed;
      const gp::GpOptions options{.node_rate = node_rate, .extra_names = hint.names, .all_parameters = true};
      armed.mutation = std::make_unique<gp::GpOperator>(preset, runner, harness, options);
      for (const ArmWeight& arm : gp::default_weights(preset)) armed.weights.push_back(arm.weight);
      return armed;
    });
  };
  if (preset == gp::Preset::kNode) contender.facts["node_rate"] = node_rate;
  return contender;
}

/// The diff model, with what constrained sampling holds it to: "diff" to all, "diff-syntax" to Python but not
/// to names, "diff-free" to nothing.
Result<Contender> diff_contender(const std::string& name, const ContenderOptions& options) {
  const std::filesystem::path folder =
      options.model.empty() ? bundled_model() : std::filesystem::path(options.model);
  SAMARA_TRY(lm::Model loaded, lm::load_model(folder));
  const auto model = std::make_shared<const lm::Model>(std::move(loaded));
  diff::DiffOptions diff_options;
  diff_options.sampling = {options.temperature, 1.0};
  diff_options.constrained = name != "diff-free";
  diff_options.constrain_names = name == "diff";

  Contender contender;
  contender.name = name;
  contender.trials = 3'200;
  contender.trials_in_family = 400;
  contender.facts["model"] = lm::model_digest(*model);
  contender.facts["parameters"] = model->config.parameters();
  contender.facts["temperature"] = options.temperature;
  contender.facts["constrained"] = diff_options.constrained;
  contender.facts["constrain_names"] = diff_options.constrain_names;
  contender.start = [model, diff_options, make_generator = cpu_generators()](
                        PythonRunner&, std::size_t) -> Result<OperatorMaker> {
    const std::shared_ptr<diff::ModelSource> models = diff::fixed_model(model);
    return OperatorMaker([=](const Hint& hint) -> Result<ArmedOperator> {
      diff::DiffOptions of_task = diff_options;
      of_task.messages = {{"diff.fix", hint.message, 1.0}};
      ArmedOperator armed;
      armed.mutation = std::make_unique<diff::DiffOperator>(models, make_generator, of_task);
      armed.weights = {1.0};
      return armed;
    });
  };
  return contender;
}

}  // namespace

const std::vector<std::string>& contender_names() {
  static const std::vector<std::string> names{"gp", "gp-node", "diff", "diff-syntax", "diff-free"};
  return names;
}

Result<Contender> make_contender(const std::string& name, const ContenderOptions& options) {
  if (name == "gp") return gp_contender(name, gp::Preset::kFull, options.node_rate);
  if (name == "gp-node") return gp_contender(name, gp::Preset::kNode, options.node_rate);
  if (name == "diff" || name == "diff-syntax" || name == "diff-free") return diff_contender(name, options);
  return make_error(ErrorCode::kInvalidArgument, "there is no operator '{}' for this benchmark; there are {}",
                    name, fmt::join(contender_names(), ", "));
}

}  // namespace samara
