// What a training is told and what it reports: options, progress, measures. The training itself is lm/torch,
// in a process of its own (train_process.h), so these types know nothing of libtorch. Plain values.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "samara/base/result.h"

namespace samara::lm {

enum class Precision {
  kBF16,  ///< activations and matrix products in bf16; weights, their gradients' sums and norms in fp32
  kFP32,
};
/// kBF16 on a GPU and where cpu_has_bf16(), else kFP32.
Precision default_precision(std::string_view device);

enum class Optimizer {
  kAdamW,  ///< Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019
  kMuon,   ///< matrices inside the blocks by Muon (Jordan et al. 2024), everything else by AdamW
};
enum class Decay { kLinear, kCosine };

struct TrainingOptions {
  // What affects results.
  std::uint64_t seed = 1;
  std::uint64_t tokens = 10'000'000;        ///< budget: real tokens read in training, repetitions counted
  std::uint32_t batch_tokens = 8192;        ///< per optimizer step, padding included
  std::uint32_t micro_batch_tokens = 2048;  ///< per forward pass, padding included; at least one example
  double learning_rate = 4e-3;              ///< peak, of AdamW; measured: docs/lm-training.md
  double warmup = 0.02;                     ///< share of the budget in which the rate grows from 0
  double decay_from = 0.3;                  ///< share of the budget after which the rate falls; >= warmup
  Decay decay = Decay::kLinear;
  double final_share = 0.02;   ///< of the peak rate, at the end of the budget
  double weight_decay = 0.05;  ///< of matrices, not of embeddings, norms and biases
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-9;
  double clip_norm = 1.0;  ///< the gradient is scaled down to this norm; 0: never
  Optimizer optimizer = Optimizer::kMuon;
  double muon_learning_rate = 0.04;  ///< peak; follows the same schedule
  double muon_momentum = 0.95;
  double prompt_loss_weight = 0.0;   ///< weight of a token before `loss_from`, beside 1 for those after
  double short_first = 0.0;          ///< first share of the budget, read from examples of at most...
  std::uint32_t short_tokens = 128;  ///< ...this many tokens
  /// None: default_precision(device), or that of the job under way (training_job.h).
  std::optional<Precision> precision;
  std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"

  // What does not.
  int threads = 1;                          ///< on the CPU
  std::filesystem::path checkpoint;         ///< folder for checkpoints; empty: none
  std::uint64_t checkpoint_every = 200;     ///< steps
  std::uint64_t report_every = 10;          ///< steps
  std::uint64_t validate_every = 200;       ///< steps; the last step is always followed by a validation
  const std::atomic<bool>* stop = nullptr;  ///< borrowed: once true, training ends after the step under way
};

/// What the options say, or else the default of their device.
Precision precision_of(const TrainingOptions& options);

/// Errors: kInvalidArgument, naming the option and its value.
Status validate(const TrainingOptions& options);

/// Share of the peak rate when `progress`, a share of the budget, is used up: grows from 0 during `warmup`,
/// stays 1 until `decay_from`, then falls to `final_share`, in a line or as half a wave of the cosine.
double rate_share(const TrainingOptions& options, double progress);

/// How well a model predicts examples: over their tokens from loss_from on, by weight.
struct Evaluation {
  double loss = 0.0;      ///< mean negative log-likelihood of a token, in nats
  double accuracy = 0.0;  ///< share of tokens that are the most probable one
};

struct TrainingProgress {
  std::uint64_t step = 0;                ///< optimizer steps done
  std::uint64_t tokens = 0;              ///< real tokens read so far
  std::uint64_t budget = 0;              ///< of TrainingOptions
  double loss = 0.0;                     ///< mean over tokens that count, since the last report
  std::optional<Evaluation> validation;  ///< where this step was followed by one
  double learning_rate = 0.0;
  double gradient_norm = 0.0;  ///< of this step, before it was clipped
  double seconds = 0.0;        ///< of training, those before a resume included
  double tokens_per_second = 0.0;
  double seconds_left = 0.0;
  double padding = 0.0;  ///< share of positions that were padding, since this process began to train
};

}  // namespace samara::lm
