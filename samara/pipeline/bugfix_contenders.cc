#include "samara/pipeline/bugfix_contenders.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "samara/mutation/gp/gp_operator.h"

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

}  // namespace

const std::vector<std::string>& contender_names() {
  static const std::vector<std::string> names{"gp", "gp-node"};
  return names;
}

Result<Contender> make_contender(const std::string& name, const ContenderOptions& options) {
  if (name == "gp") return gp_contender(name, gp::Preset::kFull, options.node_rate);
  if (name == "gp-node") return gp_contender(name, gp::Preset::kNode, options.node_rate);
  return make_error(ErrorCode::kInvalidArgument, "there is no operator '{}' for this benchmark; there are {}",
                    name, fmt::join(contender_names(), ", "));
}

}  // namespace samara
