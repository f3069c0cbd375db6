#include "samara/pipeline/prompt_parts.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "samara/base/file.h"
#include "samara/domain/sodarace/sodarace_domain.h"
#include "samara/domain/task/task_domain.h"

namespace samara {
namespace {

/// What is evolved, for a model that never heard of it. docs/sodarace.md is the long form.
constexpr const char* kSodaraceTask =
    "The programs build walking robots. A robot is a set of joints (point masses) tied by muscles (springs), "
    "in the "
    "plane, on level ground; it is good if it walks far to the right in the simulated time. A program is "
    "Python with a "
    "function make_walker() without parameters. Two names are there without an import: walker_creator and "
    "query_cppn. "
    "wc = walker_creator(); wc.add_joint(x, y) adds a joint, y up, and returns its index (at most 256 "
    "joints, at least "
    "0.1 apart, coordinates between -100 and 100); wc.add_muscle(j0, j1) ties two joints by a spring of "
    "fixed length; "
    "wc.add_muscle(j0, j1, False, amplitude, phase) ties them by a muscle whose length swings by the share "
    "amplitude "
    "(at most 0.3) with a phase in turns from 0 to 1. make_walker() returns wc.get_walker(). Muscles that "
    "swing with "
    "different phases make a gait. Only modules like math are at hand.";

/// What a user's task says of itself, and what of its programs may change.
std::string task_text(const task::TaskDomain& task) {
  std::string text = task.spec().description;
  const std::string& seed = task.seeds().front().source;
  if (seed.find("EVOLVE-BLOCK-START") != std::string::npos) {
    if (!text.empty()) text += ' ';
    text +=
        "Only what stands between the lines EVOLVE-BLOCK-START and EVOLVE-BLOCK-END may change; those lines "
        "stay.";
  }
  if (task.spec().program.size() > 1) {
    if (!text.empty()) text += ' ';
    text += "A program has several files; each stands behind a line with its name, which stays.";
  }
  return text;
}

std::vector<prompt::ModelOption> model_options(const PromptSpec& prompt) {
  const auto price = [](const std::map<std::string, double>& prices, const std::string& model) {
    const auto found = prices.find(model);
    return found == prices.end() ? 0.0 : found->second;
  };
  std::vector<prompt::ModelOption> models;
  for (const auto& [name, weight] : prompt.models) {
    models.push_back({name, weight, {price(prompt.price_in, name), price(prompt.price_out, name)}});
  }
  return models;
}

Status check_prices(const char* key, const std::map<std::string, double>& prices, const PromptSpec& prompt) {
  for (const auto& [model, price] : prices) {
    if (!prompt.models.contains(model)) {
      return make_error(ErrorCode::kInvalidArgument, "{} names the model '{}', which is not in prompt.models",
                        key, model);
    }
    if (price < 0.0) return make_error(ErrorCode::kInvalidArgument, "{} of '{}' is negative", key, model);
  }
  return {};
}

}  // namespace

std::vector<ArmWeight> prompt_arm_weights(const RunSpec& spec) {
  std::vector<ArmWeight> arms;
  for (const auto& [name, weight] : spec.prompt.arms) arms.push_back({"prompt." + name, weight});
  return arms;
}

Status validate_prompt(const PromptSpec& prompt) {
  const auto wrong = [](std::string_view what) {
    return make_error(ErrorCode::kInvalidArgument, "{}", what);
  };
  if (prompt.models.empty()) {
    return wrong(
        "prompt.models is empty; name the model as the endpoint calls it, e.g. --prompt-models my-model, or "
        "models = {\"my-model\" = 1.0} in the table [prompt] of a spec");
  }
  for (const auto& [name, weight] : prompt.models) {
    if (name.empty() || weight <= 0.0)
      return wrong("prompt.models: every model has a name and a weight above 0");
  }
  SAMARA_TRY_STATUS(check_prices("prompt.price_in", prompt.price_in, prompt));
  SAMARA_TRY_STATUS(check_prices("prompt.price_out", prompt.price_out, prompt));
  if (prompt.budget_money > 0.0 && prompt.price_in.empty() && prompt.price_out.empty()) {
    return wrong(
        "prompt.budget_money needs prices: set prompt.price_in and prompt.price_out, per million tokens");
  }
  if (prompt.choose != "weights" && prompt.choose != "bandit") {
    return wrong("prompt.choose is neither 'weights' nor 'bandit'");
  }
  if (prompt.protocol != "chat" && prompt.protocol != "completions") {
    return wrong("prompt.protocol is neither 'chat' nor 'completions'");
  }
  if (prompt.arms.empty()) return wrong("prompt.arms is empty; name at least one, e.g. diff = 1.0");
  for (const auto& [name, weight] : prompt.arms) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '_' || c == '-';
    });
    if (!plain || name == "retry") {
      return make_error(
          ErrorCode::kInvalidArgument,
          "prompt.arms: '{}' cannot be an arm; its name is that of a file NAME.txt, of letters, digits, "
          "'-' and '_', and not 'retry'",
          name);
    }
    if (weight < 0.0) return wrong("prompt.arms: weights are not negative");
  }
  if (prompt.temperature < 0.0 || prompt.temperature > 100.0)
    return wrong("prompt.temperature must be from 0 to 100");
  if (prompt.max_tokens < 1 || prompt.max_tokens > 1u << 20)
    return wrong("prompt.max_tokens must be from 1 to 1048576");
  if (prompt.in_flight < 1 || prompt.in_flight > 4096)
    return wrong("prompt.in_flight must be from 1 to 4096");
  if (prompt.inspirations > 100 || prompt.lineage > 100) {
    return wrong("prompt.inspirations and prompt.lineage are at most 100");
  }
  for (const double seconds :
       {prompt.connect_seconds, prompt.stall_seconds, prompt.total_seconds, prompt.max_pause_seconds}) {
    if (seconds <= 0.0 || seconds > 1e6) return wrong("the times in prompt must be above 0 s");
  }
  if (prompt.budget_money < 0.0) return wrong("prompt.budget_money is negative");
  endpoint::Sampling sampling;
  sampling.body = prompt.body;
  return endpoint::check(sampling);
}

std::filesystem::path prompt_folder(const std::filesystem::path& run_folder) {
  return run_folder / "prompts";
}

Status keep_prompts(const RunSpec& spec, const std::filesystem::path& run_folder) {
  const std::filesystem::path folder = prompt_folder(run_folder);
  std::vector<std::string> names = {"retry"};
  for (const auto& [name, weight] : spec.prompt.arms) names.push_back(name);
  std::map<std::string, std::string> texts;
  for (const std::string& name : names) {
    Result<std::string> text = prompt::read_form(spec.prompt.templates, name);
    if (!text.ok() && name == "retry" && text.error().code == ErrorCode::kNotFound) {
      text = prompt::read_form({}, name);  // a folder may leave it to us
    }
    if (!text.ok()) return text.error();
    const std::string file = (std::filesystem::path(spec.prompt.templates) / (name + ".txt")).string();
    SAMARA_TRY_STATUS(prompt::PromptForm::parse(*text, file));
    texts[name] = std::move(*text);
  }
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return make_error(ErrorCode::kIo, "cannot make the folder {}: {}", folder.string(), failure.message());
  for (const auto& [name, text] : texts) SAMARA_TRY_STATUS(write_file(folder / (name + ".txt"), text));
  return {};
}

Result<prompt::PromptOptions> prompt_options(const RunSpec& spec, const Domain& domain,
                                             const std::filesystem::path& run_folder) {
  const auto load = [&](const std::string& name) -> Result<prompt::PromptForm> {
    const std::filesystem::path folder = prompt_folder(run_folder);
    SAMARA_TRY(const std::string text, prompt::read_form(folder, name));
    return prompt::PromptForm::parse(text, (folder / (name + ".txt")).string());
  };
  prompt::PromptOptions options;
  for (const auto& [name, weight] : spec.prompt.arms) {
    SAMARA_TRY(prompt::PromptForm form, load(name));
    options.arms.push_back({"prompt." + name, std::move(form)});
  }
  SAMARA_TRY(options.retry, load("retry"));
  options.retries = spec.prompt.retry;
  options.task = spec.prompt.task;
  if (spec.domain == "task") {
    const auto& task = static_cast<const task::TaskDomain&>(domain);
    if (options.task.empty()) options.task = task_text(task);
    options.language = task.spec().language;
    options.function = task.function_name();
    options.minimized = task.spec().minimized;
    options.forbidden = [&task](std::string_view program) { return task.forbidden_change(program); };
  } else {
    if (options.task.empty()) options.task = kSodaraceTask;
    options.language = "python";
    options.function = sodarace::SodaraceDomain::harness().entry;
  }
  for (const BehaviorDimension& dimension : domain.behavior_dimensions()) {
    options.behavior_names.push_back(
        dimension.unit.empty() ? dimension.name : fmt::format("{} in {}", dimension.name, dimension.unit));
  }
  options.chunk = spec.prompt.in_flight;
  return options;
}

Result<std::shared_ptr<prompt::Correspondence>> open_correspondence(const PromptSpec& prompt,
                                                                    const std::filesystem::path& run_folder,
                                                                    bool replay,
                                                                    endpoint::Client::Observer observe,
                                                                    const std::atomic<bool>& stop) {
  prompt::CorrespondenceOptions options;
  options.budget = {prompt.budget_requests, prompt.budget_tokens, prompt.budget_money};
  options.observe = std::move(observe);
  if (!replay) {
    endpoint::ClientOptions& client = options.client.emplace();
    client.url = prompt.endpoint;
    if (!prompt.key_variable.empty()) {
      SAMARA_TRY(client.api_key, endpoint::key_from_environment(prompt.key_variable));
    }
    client.ca_file = prompt.ca_file;
    client.sampling.protocol =
        prompt.protocol == "chat" ? endpoint::Protocol::kChat : endpoint::Protocol::kCompletions;
    client.sampling.temperature = prompt.temperature;
    client.sampling.max_tokens = prompt.max_tokens;
    client.sampling.body = prompt.body;
    client.stream = prompt.stream;
    for (const prompt::ModelOption& model : model_options(prompt)) client.prices[model.name] = model.price;
    client.in_flight = prompt.in_flight;
    client.connect_seconds = prompt.connect_seconds;
    client.stall_seconds = prompt.stall_seconds;
    client.total_seconds = prompt.total_seconds;
    client.max_pause_seconds = prompt.max_pause_seconds;
    client.first_pause_seconds = std::min(1.0, prompt.max_pause_seconds);
    client.is_usable = prompt::has_code;
  }
  SAMARA_TRY(std::unique_ptr<prompt::Correspondence> correspondence,
             prompt::Correspondence::open(run_folder, std::move(options), stop));
  return std::shared_ptr<prompt::Correspondence>(std::move(correspondence));
}

ModelSchedule::ModelSchedule(const PromptSpec& prompt)
    : choice_(prompt.choose == "bandit" ? prompt::ModelChoice::bandit(model_options(prompt))
                                        : prompt::ModelChoice::fixed(model_options(prompt))),
      learns_(prompt.choose == "bandit") {
  for (const auto& [name, weight] : prompt.models) names_.push_back(name);
}

std::string ModelSchedule::pick(std::uint32_t iteration, Rng& rng) const {
  const std::lock_guard lock(mutex_);
  const auto found = probabilities_.find(iteration);
  SAMARA_CHECK(!learns_ || found != probabilities_.end());
  return names_[rng.weighted(learns_ ? found->second : choice_.probabilities())];
}

Status ModelSchedule::fold_until(std::uint32_t iteration, std::uint32_t until, RunStore& store,
                                 ReplyJournal& journal) {
  if (!learns_) return {};
  const std::lock_guard lock(mutex_);
  if (until > folded_) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, ReplyJournal::SlotCost> asked;
    SAMARA_TRY_STATUS(journal.for_each_slot(folded_ + 1, until, [&](const ReplyJournal::SlotCost& slot) {
      asked[{slot.iteration, slot.slot}] = slot;
    }));
    SAMARA_TRY_STATUS(store.for_each_record(
        [&](const Record& record, std::uint32_t) -> Status {
          const auto found = asked.find({record.iteration, record.slot});
          if (record.iteration > until || found == asked.end()) return {};
          const auto name = std::find(names_.begin(), names_.end(), found->second.model);
          if (name == names_.end()) return {};
          choice_.fold(static_cast<std::size_t>(name - names_.begin()), found->second.cost,
                       record.outcome == Outcome::kAccepted);
          return {};
        },
        folded_ + 1));
    folded_ = until;
  }
  // `until` never goes back while iterations come in order, so an iteration asked for again finds its own.
  probabilities_.emplace(iteration, choice_.probabilities());
  constexpr std::size_t kMost = 4096;  // more than a lag can be
  if (probabilities_.size() > kMost) probabilities_.erase(probabilities_.begin());
  return {};
}

}  // namespace samara
