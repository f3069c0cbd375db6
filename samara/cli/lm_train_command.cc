// samara lm train: trains a diff model on commits, from random weights or from another model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <thread>

#include "samara/base/file.h"
#include "samara/cli/interrupt.h"
#include "samara/cli/lm_command.h"
#include "samara/cli/progress.h"
#include "samara/cli/training_curve.h"
#include "samara/cli/training_progress.h"
#include "samara/lm/train/train_process.h"
#include "samara/pipeline/diff_training.h"

namespace samara::cli {
namespace {

struct Flags {
  std::vector<std::string> commits;
  std::string tokenizer, start, out, job;
  std::vector<std::uint32_t> shape = {192, 6, 6, 1, 512};
  std::uint32_t context = 1024;
  std::size_t max_tokens = 384;
  double any_number = ExampleOptions().any_number;
  lm::TrainingOptions training;
  std::string optimizer = "muon", decay = "linear", precision;
  bool quiet = false;
};

/// A model of the flags' shape with random weights.
Result<lm::Model> fresh_model(const Flags& flags) {
  SAMARA_TRY(const std::string json, read_file(flags.tokenizer));
  SAMARA_TRY(lm::Tokenizer tokenizer, lm::Tokenizer::from_json(json));
  lm::ModelConfig config;
  config.vocab_size = static_cast<std::uint32_t>(tokenizer.size());
  config.hidden_size = flags.shape[0];
  config.layers = flags.shape[1];
  config.heads = flags.shape[2];
  config.kv_heads = flags.shape[3];
  config.intermediate_size = flags.shape[4];
  config.head_dim = config.heads == 0 ? 0 : config.hidden_size / config.heads;
  config.max_positions = flags.context;
  config.rms_norm_eps = 1e-5;
  config.eos_token = tokenizer.special("<|end|>");
  config.pad_token = tokenizer.special("<|pad|>");
  if (config.heads != 0 && config.hidden_size % config.heads != 0) {  // other tools refuse such models
    const std::uint64_t step = std::uint64_t{2} * config.heads;       // rotary positions need pairs
    return make_error(ErrorCode::kInvalidArgument,
                      "--shape {}: width {} is no multiple of {} heads; take a multiple of {}, such as {}",
                      fmt::join(flags.shape, ","), config.hidden_size, config.heads, step,
                      (config.hidden_size / step + 1) * step);
  }
  if (const Status status = lm::validate(config); !status.ok()) {
    return make_error(ErrorCode::kInvalidArgument, "--shape {}: {}", fmt::join(flags.shape, ","),
                      status.error().message);
  }
  lm::Tensors weights = lm::random_weights(config, flags.training.seed);
  return lm::Model{config, std::move(weights), std::move(tokenizer)};
}

Result<DiffExamples> encode(const diff::DiffCodec& codec, const Flags& flags) {
  ExampleOptions options;
  options.seed = flags.training.seed;
  options.max_tokens = flags.max_tokens;
  options.any_number = flags.any_number;
  ExampleBuilder builder(codec, options);
  for (const std::string& file : flags.commits) {
    SAMARA_TRY_STATUS(read_commits(file, [&](const Commit& commit) -> Status {
      if (stop_on_interrupt().load())
        return make_error(ErrorCode::kCancelled, "stopped while reading commits");
      if (!flags.quiet && builder.commits() % 20'000 == 0 && builder.commits() > 0) {
        std::fprintf(stderr, "encoded %s commits\n", grouped(builder.commits()).c_str());
      }
      return builder.add(commit);
    }));
  }
  return builder.take();
}

Status train_command(Flags flags) {
  if (flags.start.empty() == flags.tokenizer.empty()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "name either --tokenizer (for a fresh model) or --start (to go on from a model)");
  }
  SAMARA_TRY_STATUS(lm::validate(flags.training));
  const std::filesystem::path job_folder = flags.job.empty() ? flags.out + ".training" : flags.job;
  SAMARA_TRY(lm::Model start, flags.start.empty() ? fresh_model(flags) : lm::load_model(flags.start));
  SAMARA_TRY(const diff::DiffCodec codec, diff::DiffCodec::make(start.tokenizer));
  SAMARA_TRY(DiffExamples examples, encode(codec, flags));
  if (!flags.quiet) {
    std::fprintf(stderr, "%s parameters; %s examples of %s tokens, %s held back, %s left out\n",
                 grouped(start.config.parameters()).c_str(), grouped(examples.training.size()).c_str(),
                 grouped(examples.training.total_tokens()).c_str(),
                 grouped(examples.validation.size()).c_str(), grouped(examples.left_out).c_str());
  }
  lm::TrainingJob job{std::move(start), std::move(examples.training), std::move(examples.validation),
                      flags.training};
  SAMARA_TRY_STATUS(lm::write_training_job(job_folder, job));
  TrainingProgressLine line;
  const Result<lm::Model> model = lm::run_training(
      job_folder,
      [&](const lm::TrainingProgress& progress) {
        if (!flags.quiet) line.show(progress);
      },
      stop_on_interrupt());
  if (!model.ok()) return model.error();
  SAMARA_TRY_STATUS(lm::save_model(*model, flags.out));
  SAMARA_TRY_STATUS(keep_training_curve(job_folder, flags.out));
  print(fmt::format("{}: {} parameters, digest {}\n", flags.out, grouped(model->config.parameters()),
                    lm::model_digest(*model).substr(0, 12)));
  return {};
}

/// What a step is and how rates change over the training: docs/lm-training.md.
void add_step_flags(CLI::App& command, Flags& flags) {
  lm::TrainingOptions& training = flags.training;
  const auto add = [&command](const char* name, auto& value, const char* what) {
    return command.add_option(name, value, what)->group("Steps and rates")->capture_default_str();
  };
  add("--optimizer", flags.optimizer, "muon or adamw")->check(CLI::IsMember({"muon", "adamw"}));
  add("--learning-rate", training.learning_rate, "Peak rate of AdamW");
  add("--muon-learning-rate", training.muon_learning_rate, "Peak rate of Muon");
  add("--warmup", training.warmup, "Share of the budget in which rates grow from 0");
  add("--decay-from", training.decay_from, "Share of the budget after which rates fall");
  add("--decay", flags.decay, "How they fall: linear or cosine")->check(CLI::IsMember({"linear", "cosine"}));
  add("--final-share", training.final_share, "What is left of the peak rates at the end of the budget");
  add("--clip-norm", training.clip_norm, "Longer gradients are scaled down to this norm; 0: never");
  add("--batch-tokens", training.batch_tokens, "Tokens per step, padding included");
  add("--micro-batch-tokens", training.micro_batch_tokens,
      "Tokens that one thread or a GPU computes at once, padding included; less takes less memory");
}

}  // namespace

void add_lm_train(CLI::App& lm, Action& chosen) {
  CLI::App* command = add_subcommand(
      lm, "train", "Train a diff model on commits; the same command carries a stopped training on",
      "  samara lm train short.jsonl long.jsonl --tokenizer tokenizer.json --tokens 20000000 --out my-model\n"
      "  samara lm train commits.jsonl --start models/diff --learning-rate 5e-4 --tokens 2000000 --out "
      "tuned");
  auto flags = std::make_shared<Flags>();
  lm::TrainingOptions& training = flags->training;
  training.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  command->add_option("commits", flags->commits, "Commits, JSON Lines with before, message and after")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", flags->out, "Folder of the model that is made")->type_name("DIR")->required();
  command->add_option("--tokenizer", flags->tokenizer, "tokenizer.json of a fresh model")->type_name("FILE");
  command->add_option("--start", flags->start, "Model to go on from")->type_name("DIR");
  command->add_option("--job", flags->job, "Folder of the training under way; default OUT.training")
      ->type_name("DIR");
  command
      ->add_option("--shape", flags->shape,
                   "Fresh model: width, layers, heads, key/value heads, SwiGLU width")
      ->delimiter(',')
      ->expected(5)
      ->type_name("N,N,N,N,N")
      ->capture_default_str();
  command->add_option("--context", flags->context, "Fresh model: longest sequence")->capture_default_str();
  command->add_option("--max-tokens", flags->max_tokens, "Longest example; longer programs are shown in part")
      ->capture_default_str();
  command
      ->add_option("--any-number", flags->any_number,
                   "Share of examples whose lines are numbered from any number on, so that all are learned")
      ->capture_default_str();
  command->add_option("--tokens", training.tokens, "Training tokens, repetitions counted")
      ->capture_default_str();
  command->add_option("--seed", training.seed, "Of weights, order and windows")->capture_default_str();
  command
      ->add_option("--short-first", training.short_first,
                   "Share of the budget that only reads short examples")
      ->capture_default_str();
  command->add_option("--short-tokens", training.short_tokens, "What is short")->capture_default_str();
  command
      ->add_option("--prompt-loss", training.prompt_loss_weight, "Weight of the prompt's tokens in the loss")
      ->capture_default_str();
  command
      ->add_option("--precision", flags->precision,
                   "bf16 or fp32 [bf16 on a GPU and on a CPU with instructions for it; that of the training "
                   "under way]")
      ->check(CLI::IsMember({"bf16", "fp32"}));
  command->add_option("--device", training.device, "cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--threads", training.threads, "Threads on the CPU")->capture_default_str();
  command->add_flag("--quiet", flags->quiet, "No progress");
  add_step_flags(*command, *flags);
  command->callback([&chosen, flags] {
    flags->training.optimizer = flags->optimizer == "muon" ? lm::Optimizer::kMuon : lm::Optimizer::kAdamW;
    flags->training.decay = flags->decay == "linear" ? lm::Decay::kLinear : lm::Decay::kCosine;
    if (!flags->precision.empty()) {
      flags->training.precision = flags->precision == "bf16" ? lm::Precision::kBF16 : lm::Precision::kFP32;
    }
    chosen = [=] { return train_command(*flags); };
  });
}

}  // namespace samara::cli
