#include "samara/lm/torch/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "samara/base/clock.h"
#include "samara/base/sha256.h"
#include "samara/lm/torch/internal/batch.h"
#include "samara/lm/torch/internal/checkpoint.h"
#include "samara/lm/torch/internal/guard.h"
#include "samara/lm/torch/internal/network.h"
#include "samara/lm/torch/internal/optimizer.h"

namespace samara::lm {
namespace {

/// Of measurements, which need no gradients: bounds their memory.
constexpr std::size_t kMeasureTokens = 4096;

/// Names a training: everything that its result is a function of.
std::string digest(const Model& start, const ExampleSet& training, const TrainingOptions& options) {
  Sha256 hash;
  hash.add_string(write_config(start.config));
  for (const auto& [name, tensor] : start.tensors) {
    hash.add_string(name).add_string(
        {reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float)});
  }
  hash.add_string(training.digest());
  hash.add_u64(options.seed).add_u64(options.tokens).add_u64(options.batch_tokens);
  hash.add_u64(options.micro_batch_tokens).add_u64(options.short_tokens);
  for (const double value :
       {options.learning_rate, options.warmup, options.decay_from, options.final_share, options.weight_decay,
        options.beta1, options.beta2, options.epsilon, options.clip_norm, options.muon_learning_rate,
        options.muon_momentum, options.prompt_loss_weight, options.short_first}) {
    hash.add_double(value);
  }
  hash.add_u64(static_cast<std::uint64_t>(options.decay))
      .add_u64(static_cast<std::uint64_t>(options.optimizer))
      .add_u64(static_cast<std::uint64_t>(precision_of(options)));
  hash.add_string(options.device);
  const Sha256Digest bytes = hash.finish();
  return to_hex(bytes.data(), bytes.size());
}

/// The micro-batches of a training, step by step; where it stands is in the TrainingState.
class BatchStream {
 public:
  BatchStream(const ExampleSet& examples, const TrainingOptions& options)
      : examples_(examples), options_(options) {}

  /// Those of the next step; advances the state. Errors: kInvalidArgument where no example is short enough.
  Result<std::vector<Batch>> next(TrainingState& state) {
    const bool short_phase =
        static_cast<double>(state.tokens) < options_.short_first * static_cast<double>(options_.tokens);
    if (state.short_phase != short_phase) {
      state.short_phase = short_phase;
      ++state.epoch;
      state.batch = 0;
    }
    std::vector<Batch> batches;
    std::int64_t padded = 0;
    while (true) {
      SAMARA_TRY_STATUS(plan(state));
      const auto indices = plan_.batch(state.batch);
      const std::int64_t size = static_cast<std::int64_t>(indices.size()) *
                                padded_columns(examples_.length(indices.back()));  // the longest is the last
      if (!batches.empty() && padded + size > options_.batch_tokens) return batches;
      padded += size;
      batches.push_back(make_batch(examples_, indices, options_.prompt_loss_weight));
      if (++state.batch == plan_.size()) {
        state.batch = 0;
        ++state.epoch;
      }
    }
  }

 private:
  Status plan(const TrainingState& state) {
    if (planned_epoch_ == state.epoch && plan_.size() > 0) return {};
    const std::size_t longest = state.short_phase ? options_.short_tokens : examples_.longest();
    plan_ = plan_epoch(examples_, longest, options_.micro_batch_tokens, options_.seed, state.epoch);
    planned_epoch_ = state.epoch;
    if (plan_.size() > 0) return {};
    return make_error(ErrorCode::kInvalidArgument,
                      "none of the {} examples has at most {} tokens: raise short_tokens, or set short_first "
                      "to 0",
                      examples_.size(), longest);
  }

  const ExampleSet& examples_;
  const TrainingOptions& options_;
  BatchPlan plan_;
  std::uint32_t planned_epoch_ = 0;
};

std::vector<Batch> measuring_batches(const ExampleSet& examples) {
  const BatchPlan plan = plan_by_length(examples, kMeasureTokens);
  std::vector<Batch> batches;
  for (std::size_t b = 0; b < plan.size(); ++b) batches.push_back(make_batch(examples, plan.batch(b), 0.0));
  return batches;
}

Evaluation evaluation(const LossTotals& totals) {
  return {totals.loss / totals.weight, totals.correct / totals.weight};
}

/// One call of train().
class Training {
 public:
  Training(const Model& start, const ExampleSet& training, const ExampleSet& validation,
           const TrainingOptions& options, TrainingObserver* observer, const at::Device& device)
      : start_(start),
        options_(options),
        observer_(observer),
        network_(start.config, start.tensors, precision_of(options), device, options.threads),
        optimizer_(options_, network_),
        stream_(training, options_),
        validation_(measuring_batches(validation)) {
    state_.training = digest(start, training, options);
    state_.short_phase = options.short_first > 0.0;
  }

  Status resume() {
    if (options_.checkpoint.empty()) return {};
    SAMARA_TRY(const auto checkpoint, read_checkpoint(options_.checkpoint, state_.training));
    if (!checkpoint) return {};
    for (Parameter& parameter : network_.parameters().all) {
      std::int64_t row = 0;
      for (const Parameter::Part& part : parameter.parts) {
        parameter.weights.narrow(0, row, part.rows)
            .copy_(to_device(checkpoint->weights.at(part.name), at::Device(at::kCPU)));
        row += part.rows;
      }
    }
    network_.refresh();
    SAMARA_TRY_STATUS(optimizer_.restore(checkpoint->optimizer, checkpoint->state.step));
    state_ = checkpoint->state;
    saved_step_ = progress_.step = state_.step;
    return {};
  }

  Result<TrainingResult> run() {
    began_ = wall_seconds() - state_.seconds;
    reported_at_ = wall_seconds();
    reported_tokens_ = state_.tokens;
    TrainingResult result{.model = start_, .last = {}, .finished = false};
    while (true) {
      const bool done = state_.tokens >= options_.tokens;
      if (done || stopping()) {
        result.finished = done;
        break;
      }
      SAMARA_TRY_STATUS(step());
      const bool last = state_.tokens >= options_.tokens || stopping();
      const bool validate = !validation_.empty() && (last || state_.step % options_.validate_every == 0);
      if (last || validate || state_.step % options_.report_every == 0) report(validate);
      if (!last && state_.step % options_.checkpoint_every == 0) SAMARA_TRY_STATUS(save());
    }
    if (state_.step > saved_step_) SAMARA_TRY_STATUS(save());
    result.model.tensors = network_.parameters().weights();
    result.last = progress_;
    return result;
  }

 private:
  bool stopping() const { return options_.stop != nullptr && options_.stop->load(); }

  Status step() {
    SAMARA_TRY(const std::vector<Batch> batches, stream_.next(state_));
    for (const Batch& batch : batches) {
      state_.tokens += batch.read_tokens;
      positions_ += static_cast<double>(batch.rows * batch.columns);
      padding_ += static_cast<double>(batch.padding());
    }
    const double share =
        rate_share(options_, static_cast<double>(state_.tokens) / static_cast<double>(options_.tokens));
    const LossTotals totals = network_.differentiate(batches);
    since_report_.loss += totals.loss;
    since_report_.weight += totals.weight;
    progress_.learning_rate = options_.learning_rate * share;
    progress_.padding = padding_ / positions_;
    progress_.gradient_norm = optimizer_.step(share);
    ++state_.step;
    if (!std::isfinite(totals.loss) || !std::isfinite(progress_.gradient_norm)) {
      return make_error(ErrorCode::kInvalidData,
                        "the loss became infinite in step {}: train with a lower learning rate, or with fp32",
                        state_.step);
    }
    return {};
  }

  void report(bool validate) {
    const double now = wall_seconds();
    progress_.step = state_.step;
    progress_.tokens = state_.tokens;
    progress_.budget = options_.tokens;
    progress_.loss = since_report_.weight > 0.0 ? since_report_.loss / since_report_.weight : progress_.loss;
    progress_.seconds = now - began_;
    if (now > reported_at_ && state_.tokens > reported_tokens_) {
      progress_.tokens_per_second =
          static_cast<double>(state_.tokens - reported_tokens_) / (now - reported_at_);
    }
    const double left = static_cast<double>(options_.tokens - std::min(options_.tokens, state_.tokens));
    progress_.seconds_left = left / std::max(progress_.tokens_per_second, 1e-9);
    progress_.validation.reset();
    if (validate) progress_.validation = evaluation(network_.measure(validation_));
    if (observer_ != nullptr) observer_->progress(progress_);
    since_report_ = {};
    reported_at_ = wall_seconds();
    reported_tokens_ = state_.tokens;
  }

  Status save() {
    saved_step_ = state_.step;
    if (options_.checkpoint.empty()) return {};
    state_.seconds = wall_seconds() - began_;
    Model model = start_;
    model.tensors = network_.parameters().weights();
    SAMARA_TRY(const auto folder, write_checkpoint(options_.checkpoint, state_, model, optimizer_.tensors()));
    if (observer_ != nullptr) observer_->checkpoint(folder);
    return {};
  }

  const Model& start_;
  TrainingOptions options_;
  TrainingObserver* observer_;
  Network network_;
  OptimizerState optimizer_;
  BatchStream stream_;
  std::vector<Batch> validation_;
  TrainingState state_;
  std::uint64_t saved_step_ = 0;
  TrainingProgress progress_;
  LossTotals since_report_;
  double positions_ = 0.0, padding_ = 0.0;  // computed by this process
  double began_ = 0.0, reported_at_ = 0.0;
  std::uint64_t reported_tokens_ = 0;
};

}  // namespace

Result<TrainingResult> train(const Model& start, const ExampleSet& training, const ExampleSet& validation,
                             const TrainingOptions& options, TrainingObserver* observer) {
  SAMARA_TRY_STATUS(validate(options));
  if (training.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "there are no examples to train on");
  }
  SAMARA_TRY_STATUS(check_examples(start.config, training));
  SAMARA_TRY_STATUS(check_examples(start.config, validation));
  SAMARA_TRY(const at::Device device, find_device(options.device));
  return guarded([&]() -> Result<TrainingResult> {
    Training run(start, training, validation, options, observer, device);
    SAMARA_TRY_STATUS(run.resume());
    return run.run();
  });
}

Result<Evaluation> evaluate(const Model& model, const ExampleSet& examples, Precision precision, int threads,
                            const std::string& device_name) {
  if (examples.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "there are no examples to measure the model on");
  }
  SAMARA_TRY_STATUS(check_examples(model.config, examples));
  SAMARA_TRY(const at::Device device, find_device(device_name));
  return guarded([&]() -> Result<Evaluation> {
    Network network(model.config, model.tensors, precision, device, std::max(1, threads));
    return evaluation(network.measure(measuring_batches(examples)));
  });
}

}  // namespace samara::lm
