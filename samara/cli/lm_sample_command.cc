// samara lm sample: completes a text with a model.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <nlohmann/json.hpp>

#include "samara/base/clock.h"
#include "samara/base/file.h"
#include "samara/cli/lm_command.h"
#include "samara/lm/cpu/cpu_generator.h"
#include "samara/lm/model.h"
#include "samara/lm/serve/text_stream.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string model;
  std::string prompt;
  std::uint32_t count = 1;
  lm::SamplingOptions sampling;
  std::vector<std::string> stops;
  std::uint64_t seed = 1;
  std::string precision;
  bool json = false;
};

const char* finish_name(lm::FinishReason finish) {
  switch (finish) {
    case lm::FinishReason::kStop:
      return "stop";
    case lm::FinishReason::kLength:
      return "length";
    case lm::FinishReason::kStuck:
      return "stuck";
  }
  return "?";
}

std::string_view bytes_of(lm::TokenId token, const lm::Tokenizer& tokenizer) {
  return token < tokenizer.size() ? tokenizer.bytes(token) : "";  // models may have more than their tokenizer
}

/// Ends a completion once its text has a stop string, by allowing no token.
class StopFilter final : public lm::TokenFilter {
 public:
  StopFilter(const lm::Tokenizer& tokenizer, std::vector<std::string> stops)
      : tokenizer_(&tokenizer), text_(std::move(stops)) {}
  bool allows(lm::TokenId) const override { return !text_.stopped(); }
  void accept(lm::TokenId token) override { text_.push(bytes_of(token, *tokenizer_)); }

 private:
  const lm::Tokenizer* tokenizer_;
  lm::TextStream text_;
};

struct Completion {
  std::string text;  ///< special tokens by name; without what it ended with: stop token or stop string
  const char* finish;
};

Completion completion_of(const lm::Generation& generation, const lm::Tokenizer& tokenizer,
                         const std::vector<std::string>& stops) {
  std::span<const lm::TokenId> tokens = generation.tokens;
  if (generation.finish == lm::FinishReason::kStop) tokens = tokens.first(tokens.size() - 1);
  lm::TextStream stream(stops);
  std::string text;
  for (const lm::TokenId token : tokens) text += stream.push(bytes_of(token, tokenizer));
  text += stream.finish();
  return {std::move(text), stream.stopped() ? "stop" : finish_name(generation.finish)};
}

std::optional<lm::DataType> precision_of(const std::string& name) {
  if (name == "bf16") return lm::DataType::kBF16;
  if (name == "fp32") return lm::DataType::kF32;
  return std::nullopt;
}

Status sample_command(const Flags& flags) {
  if (std::any_of(flags.stops.begin(), flags.stops.end(), [](const auto& stop) { return stop.empty(); })) {
    return make_error(ErrorCode::kInvalidArgument, "--stop is empty; give the text that ends a completion");
  }
  SAMARA_TRY(const lm::Model model, lm::load_model(flags.model));
  std::string prompt = flags.prompt;
  if (prompt == "-") {
    SAMARA_TRY(prompt, read_file("/dev/stdin", std::size_t{1} << 24));
  }
  SAMARA_TRY(const auto packed,
             lm::PackedModel::make(model.config, model.tensors, precision_of(flags.precision)));
  SAMARA_TRY(const std::unique_ptr<lm::Generator> generator, lm::make_cpu_generator(packed));

  const lm::Tokens tokens = model.tokenizer.encode_with_specials(prompt);
  lm::Tokens stops;
  if (model.config.eos_token) stops.push_back(*model.config.eos_token);
  std::vector<lm::GenerationRequest> requests;
  std::deque<StopFilter> filters;  // requests borrow them
  for (std::uint32_t i = 0; i < flags.count; ++i) {
    requests.push_back({.prompt = tokens,
                        .sampling = flags.sampling,
                        .stop_tokens = stops,
                        .rng = Rng(flags.seed, 0, i, Stream::kMutate)});
    if (!flags.stops.empty()) {
      requests.back().filter = &filters.emplace_back(model.tokenizer, flags.stops);
    }
  }
  const double before = wall_seconds();
  SAMARA_TRY(const std::vector<lm::Generation> generations, generator->generate(requests));
  const double seconds = wall_seconds() - before;

  std::size_t total = 0;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const lm::Generation& generation : generations) {
    total += generation.tokens.size();
    const Completion completion = completion_of(generation, model.tokenizer, flags.stops);
    list.push_back({{"text", completion.text},
                    {"tokens", generation.tokens},
                    {"finish", completion.finish},
                    {"log_probability", generation.log_probability}});
    text += completion.text + "\n";
  }
  print(flags.json ? list.dump(2) + "\n" : text);
  std::fflush(stdout);
  fmt::print(stderr, "{} tokens in {:.3f} s: {:.0f} tokens/s ({}, {})\n", total, seconds,
             static_cast<double>(total) / std::max(seconds, 1e-9),
             packed->precision() == lm::DataType::kBF16 ? "bf16" : "fp32", packed->kernels());
  return {};
}

}  // namespace

void add_lm_sample(CLI::App& lm, Action& chosen) {
  CLI::App* command = add_subcommand(
      lm, "sample", "Complete a text with a model; prints the completions, and tokens per second on stderr",
      "  samara lm sample models/diff --prompt '<|file|><|line 1|>def area(a, b):' -n 4\n"
      "  samara lm sample ~/checkpoints/Qwen2.5-0.5B --prompt - --temperature 0 --json < question.txt");
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "Folder with config.json, model.safetensors and tokenizer.json")
      ->required()
      ->type_name("MODEL");
  command
      ->add_option("--prompt", flags->prompt,
                   "Text to go on from, names of special tokens included; - reads standard input")
      ->required()
      ->type_name("TEXT");
  command->add_option("-n", flags->count, "How many completions [1]")
      ->type_name("N")
      ->check(CLI::Range(1U, 1U << 20));
  command->add_option("--temperature", flags->sampling.temperature, "0 takes the most probable tokens [1]")
      ->type_name("T");
  command
      ->add_option("--top-p", flags->sampling.top_p,
                   "Sample from the smallest set of tokens with at least this probability [1]")
      ->type_name("P");
  command->add_option("--top-k", flags->sampling.top_k, "Sample from the K most probable tokens; 0: all [0]")
      ->type_name("K");
  command->add_option("--max-tokens", flags->sampling.max_tokens, "Longest completion [256]")->type_name("N");
  command
      ->add_option(
          "--stop", flags->stops,
          "End completions in front of this text; may be given several times, the first to come counts")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command->add_option("--seed", flags->seed, "The same seed gives the same completions [1]")->type_name("S");
  command
      ->add_option("--precision", flags->precision,
                   "bf16 or fp32; by default bf16 where the processor has it")
      ->type_name("P")
      ->check(CLI::IsMember({"bf16", "fp32"}));
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return sample_command(*flags); }; });
}

}  // namespace samara::cli
