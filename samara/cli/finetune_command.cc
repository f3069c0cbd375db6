// samara finetune: makes a better diff model from what runs accepted.
#include <fmt/format.h>

#include <thread>

#include "samara/cli/command.h"
#include "samara/cli/interrupt.h"
#include "samara/cli/progress.h"
#include "samara/cli/training_curve.h"
#include "samara/cli/training_progress.h"
#include "samara/pipeline/finetune.h"
#include "samara/pipeline/parts.h"
#include "samara/pipeline/provenance.h"
#include "samara/pipeline/run.h"

namespace samara::cli {
namespace {

struct Flags {
  std::vector<std::string> runs;
  std::string start, out, weight = "equal";
  std::uint32_t until = std::numeric_limits<std::uint32_t>::max();
  FinetuneOptions options;
  bool quiet = false;
};

Status finetune_command(const Flags& flags) {
  const DiffWeight weight = flags.weight == "impact" ? DiffWeight::kImpact : DiffWeight::kEqual;
  std::vector<Commit> commits;
  std::vector<LearnedRun> learned;
  std::filesystem::path start = flags.start;
  for (const std::string& folder : flags.runs) {
    SAMARA_TRY(Run run, Run::open(folder, Access::kRead));
    SAMARA_TRY(const auto niche_map, make_niche_map(run.spec(), run.domain()));
    SAMARA_TRY(AcceptedDiffs accepted,
               accepted_diffs(run.store(), run.spec(), run.domain(), niche_map, flags.until, weight));
    if (!flags.quiet) {
      std::fprintf(stderr, "%s: %s accepted diffs by operator %s\n", folder.c_str(),
                   grouped(accepted.commits.size()).c_str(), run.spec().operator_name.c_str());
    }
    if (start.empty() && run.spec().has_operator("diff")) start = RunModels(folder, run.spec()).folder_of(0);
    std::move(accepted.commits.begin(), accepted.commits.end(), std::back_inserter(commits));
    learned.push_back(std::move(accepted.run));
  }
  if (start.empty()) start = bundled_model();
  SAMARA_TRY(const lm::Model model, lm::load_model(start));
  if (!flags.quiet) std::fprintf(stderr, "fine-tuning %s\n", start.string().c_str());
  const std::filesystem::path job = flags.out + ".training";
  TrainingProgressLine line;
  const auto report = [&](const lm::TrainingProgress& progress) {
    if (!flags.quiet) line.show(progress);
  };
  SAMARA_TRY(const std::optional<lm::Model> tuned,
             finetune(model, commits, flags.options, job, report, stop_on_interrupt()));
  if (!tuned) {
    return make_error(ErrorCode::kInvalidData,
                      "there is nothing to fine-tune on: of {} accepted diffs none fits {} tokens",
                      commits.size(), flags.options.max_tokens);
  }
  SAMARA_TRY_STATUS(save_tuned(*tuned, model, std::move(learned), flags.options, flags.out, weight));
  SAMARA_TRY_STATUS(keep_training_curve(job, flags.out));
  print(fmt::format("{}: digest {}; use it with: samara evolve sodarace --model {}\n", flags.out,
                    lm::model_digest(*tuned).substr(0, 12), flags.out));
  return {};
}

}  // namespace

void add_finetune(CLI::App& app, Action& chosen) {
  CLI::App* command = add_subcommand(
      app, "finetune", "Fine-tune a diff model on what runs accepted",
      "  samara finetune --from runs/square-1 runs/radial-1 --out my-model\n"
      "  samara finetune --from runs/square-1 --weight impact --tokens 4000000 --out my-model\n"
      "  samara evolve sodarace --operator diff --model my-model");
  auto flags = std::make_shared<Flags>();
  flags->options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  command->add_option("--from", flags->runs, "Runs whose accepted diffs are learned from")
      ->type_name("RUN")
      ->required();
  command->add_option("--out", flags->out, "Folder of the model that is made")->type_name("DIR")->required();
  command
      ->add_option(
          "--start", flags->start,
          "Model to start from; default: that of the first run with a diff model, or the bundled one")
      ->type_name("DIR");
  command
      ->add_option("--weight", flags->weight, "equal (as in the paper) or impact: by what the archive gained")
      ->check(CLI::IsMember({"equal", "impact"}))
      ->capture_default_str();
  command->add_option("--until", flags->until, "Learn from the iterations up to this one")->type_name("N");
  command->add_option("--tokens", flags->options.tokens, "Training tokens, repetitions counted")
      ->capture_default_str();
  command->add_option("--learning-rate", flags->options.learning_rate, "Peak rate")->capture_default_str();
  command->add_option("--max-tokens", flags->options.max_tokens, "Longest example")->capture_default_str();
  command->add_option("--seed", flags->options.seed, "Of order, windows and what is held back")
      ->capture_default_str();
  command->add_option("--device", flags->options.device, "cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--threads", flags->options.threads, "Threads; results do not depend on them")
      ->capture_default_str();
  command->add_flag("--quiet", flags->quiet, "No progress");
  command->callback([&chosen, flags] { chosen = [=] { return finetune_command(*flags); }; });
}

}  // namespace samara::cli
