#include "samara/lm/torch/internal/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "samara/lm/torch/internal/kernels.h"

namespace samara::lm {

at::Tensor orthogonalized(const at::Tensor& matrix, at::ScalarType type) {
  // Coefficients and number of steps: Jordan et al., "Muon: an optimizer for hidden layers in neural
  // networks", 2024. They push singular values into about 0.7 .. 1.2, which is as good as 1 and converges
  // faster.
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;
  constexpr int kSteps = 5;
  const bool tall = matrix.size(0) > matrix.size(1);
  at::Tensor x = tall ? matrix.t() : matrix;
  x = (x / (x.norm().item<float>() + 1e-7)).to(type).contiguous();
  for (int i = 0; i < kSteps; ++i) {
    const at::Tensor gram = at::mm(x, x.t());
    const at::Tensor polynomial = at::mm(gram, gram).mul_(kC).add_(gram, kB);
    x = at::mm(polynomial, x).add_(x, kA);
  }
  x = x.to(at::kFloat);
  return tall ? x.t() : x;
}

OptimizerState::OptimizerState(const TrainingOptions& options, Network& network)
    : options_(options), network_(network) {
  for (const Parameter& parameter : network.parameters().all) {
    Slot slot;
    slot.muon = options.optimizer == Optimizer::kMuon && parameter.kind == Parameter::Kind::kMatrix;
    slot.first = at::zeros_like(parameter.weights);
    if (!slot.muon) slot.second = at::zeros_like(parameter.weights);
    slots_.push_back(std::move(slot));
  }
}

double OptimizerState::step(double share) {
  const at::NoGradGuard no_autograd;
  ++steps_;
  double squares = 0.0;
  std::vector<Parameter>& parameters = network_.parameters().all;
  for (const Parameter& parameter : parameters) {
    const at::Tensor flat = parameter.gradient.flatten();
    squares += at::dot(flat, flat).item<double>();
  }
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) return norm;  // the caller stops
  const double scale =
      options_.clip_norm > 0.0 && norm > options_.clip_norm ? options_.clip_norm / norm : 1.0;
  network_.team().run(
      parameters.size(),
      [&](std::size_t i) {
        at::init_num_threads();
        const at::NoGradGuard no_gradients;
        if (slots_[i].muon) {
          muon(parameters[i], slots_[i], share, scale);
        } else {
          adam(parameters[i], slots_[i], share, scale);
        }
      },
      [](std::size_t) {});
  network_.refresh();
  return norm;
}

void OptimizerState::adam(Parameter& parameter, Slot& slot, double share, double gradient_scale) const {
  const double rate = options_.learning_rate * share;
  const bool decays = parameter.kind == Parameter::Kind::kMatrix || parameter.kind == Parameter::Kind::kHead;
  const double decay = decays ? 1.0 - rate * options_.weight_decay : 1.0;
  const auto steps = static_cast<double>(steps_);
  const double correction1 = 1.0 / (1.0 - std::pow(options_.beta1, steps));
  const double correction2 = 1.0 / (1.0 - std::pow(options_.beta2, steps));
  if (parameter.weights.is_cpu()) {
    const kernels::AdamStep step{.rate = static_cast<float>(rate),
                                 .beta1 = static_cast<float>(options_.beta1),
                                 .beta2 = static_cast<float>(options_.beta2),
                                 .epsilon = static_cast<float>(options_.epsilon),
                                 .decay = static_cast<float>(decay),
                                 .correction1 = static_cast<float>(correction1),
                                 .correction2 = static_cast<float>(correction2),
                                 .gradient_scale = static_cast<float>(gradient_scale)};
    kernels::adam(step, parameter.gradient.data_ptr<float>(), parameter.weights.numel(),
                  parameter.weights.data_ptr<float>(), slot.first.data_ptr<float>(),
                  slot.second.data_ptr<float>());
    return;
  }
  const at::Tensor gradient = parameter.gradient * gradient_scale;
  slot.first.mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
  slot.second.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
  const at::Tensor root = (slot.second * correction2).sqrt_().add_(options_.epsilon);
  parameter.weights.mul_(decay).addcdiv_(slot.first * correction1, root, -rate);
}

void OptimizerState::muon(Parameter& parameter, Slot& slot, double share, double gradient_scale) const {
  const double rate = options_.muon_learning_rate * share;
  const auto type = precision_of(options_) == Precision::kBF16 ? at::kBFloat16 : at::kFloat;
  slot.first.mul_(options_.muon_momentum).add_(parameter.gradient, gradient_scale);
  // Nesterov's look ahead: where the momentum will be after the next step along this gradient.
  const at::Tensor update = at::add(parameter.gradient * gradient_scale, slot.first, options_.muon_momentum);
  parameter.weights.mul_(1.0 - rate * options_.weight_decay);
  std::int64_t row = 0;
  for (const Parameter::Part& part : parameter.parts) {  // stacked matrices are orthogonal each by itself
    const at::Tensor direction = orthogonalized(update.narrow(0, row, part.rows), type);
    const double shape = static_cast<double>(part.rows) / static_cast<double>(update.size(1));
    parameter.weights.narrow(0, row, part.rows).add_(direction, -rate * std::sqrt(std::max(1.0, shape)));
    row += part.rows;
  }
}

Tensors OptimizerState::tensors() const {
  Tensors tensors;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::string& name = network_.parameters().all[i].parts.front().name;
    tensors[name + ".first"] = from_device(slots_[i].first);
    if (!slots_[i].muon) tensors[name + ".second"] = from_device(slots_[i].second);
  }
  return tensors;
}

Status OptimizerState::restore(const Tensors& tensors, std::uint64_t steps) {
  const auto take = [&tensors](const std::string& name, at::Tensor& into) -> Status {
    const auto found = tensors.find(name);
    const std::vector<std::uint64_t> shape(into.sizes().begin(), into.sizes().end());
    if (found == tensors.end() || found->second.shape != shape) {
      return make_error(ErrorCode::kInvalidData,
                        "the checkpoint's optimizer has no {} of this model's shape: remove the checkpoint "
                        "folder to train from the start",
                        name);
    }
    into = to_device(found->second, into.device());
    return {};
  };
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::string& name = network_.parameters().all[i].parts.front().name;
    SAMARA_TRY_STATUS(take(name + ".first", slots_[i].first));
    if (!slots_[i].muon) SAMARA_TRY_STATUS(take(name + ".second", slots_[i].second));
  }
  steps_ = steps;
  return {};
}

}  // namespace samara::lm
