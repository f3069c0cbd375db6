#include "samara/lm/train/training.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "samara/lm/processor.h"

namespace samara::lm {

Precision default_precision(std::string_view device) {
  return device != "cpu" || cpu_has_bf16() ? Precision::kBF16 : Precision::kFP32;
}

Precision precision_of(const TrainingOptions& options) {
  return options.precision.value_or(default_precision(options.device));
}

Status validate(const TrainingOptions& options) {
  using O = TrainingOptions;
  const auto invalid = [](std::string_view name, auto value, std::string_view need) {
    return make_error(ErrorCode::kInvalidArgument, "training options: {} is {}; {}", name, value, need);
  };
  const std::pair<const char*, double O::*> shares[] = {{"warmup", &O::warmup},
                                                        {"decay_from", &O::decay_from},
                                                        {"final_share", &O::final_share},
                                                        {"short_first", &O::short_first},
                                                        {"prompt_loss_weight", &O::prompt_loss_weight}};
  const std::pair<const char*, double O::*> positive[] = {{"learning_rate", &O::learning_rate},
                                                          {"muon_learning_rate", &O::muon_learning_rate},
                                                          {"epsilon", &O::epsilon}};
  const std::pair<const char*, double O::*> not_negative[] = {{"weight_decay", &O::weight_decay},
                                                              {"clip_norm", &O::clip_norm}};
  const std::pair<const char*, double O::*> memories[] = {
      {"beta1", &O::beta1}, {"beta2", &O::beta2}, {"muon_momentum", &O::muon_momentum}};
  const std::pair<const char*, std::uint64_t O::*> steps[] = {{"checkpoint_every", &O::checkpoint_every},
                                                              {"report_every", &O::report_every},
                                                              {"validate_every", &O::validate_every}};
  // Written so that NaN, which compares as false, is refused.
  for (const auto& [name, member] : shares) {
    const double value = options.*member;
    if (!(value >= 0.0 && value <= 1.0)) return invalid(name, value, "give a share, from 0 to 1");
  }
  for (const auto& [name, member] : positive) {
    const double value = options.*member;
    if (!(value > 0.0 && std::isfinite(value))) return invalid(name, value, "give a number above 0");
  }
  for (const auto& [name, member] : not_negative) {
    const double value = options.*member;
    if (!(value >= 0.0 && std::isfinite(value))) return invalid(name, value, "give a number of at least 0");
  }
  for (const auto& [name, member] : memories) {
    const double value = options.*member;
    if (!(value >= 0.0 && value < 1.0)) return invalid(name, value, "give a number from 0 to below 1");
  }
  for (const auto& [name, member] : steps) {
    if (options.*member == 0) return invalid(name, 0, "give a number of steps, at least 1");
  }
  if (options.tokens == 0) return invalid("tokens", 0, "give a budget of at least 1");
  if (options.threads < 1) return invalid("threads", options.threads, "give at least 1");
  if (options.micro_batch_tokens == 0) return invalid("micro_batch_tokens", 0, "give at least 1");
  if (options.micro_batch_tokens > options.batch_tokens) {
    return invalid("micro_batch_tokens", options.micro_batch_tokens,
                   fmt::format("a step has no more than batch_tokens, {}: lower the one or raise the other",
                               options.batch_tokens));
  }
  if (options.warmup > options.decay_from) {
    return invalid("warmup", options.warmup,
                   fmt::format("the rate cannot still grow where it falls, from decay_from {} on: lower the "
                               "one or raise the other",
                               options.decay_from));
  }
  return {};
}

double rate_share(const TrainingOptions& options, double progress) {
  if (progress < options.warmup) return progress / options.warmup;
  if (progress <= options.decay_from) return 1.0;
  const double way = std::min(1.0, (progress - options.decay_from) / (1.0 - options.decay_from));
  const double left =
      options.decay == Decay::kLinear ? 1.0 - way : 0.5 + 0.5 * std::cos(std::numbers::pi * way);
  return options.final_share + (1.0 - options.final_share) * left;
}

}  // namespace samara::lm
