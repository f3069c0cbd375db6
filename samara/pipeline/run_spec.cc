#include "samara/pipeline/run_spec.h"

#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "samara/base/text.h"
#include "samara/pipeline/prompt_parts.h"

namespace samara {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", c);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string table_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string name_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

std::string number_text(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string value_text(const SpecField::Target& target) {
  return std::visit(
      Overloaded{[](const std::string* v) { return quoted(*v); },
                 [](const bool* v) { return std::string(*v ? "true" : "false"); },
                 [](const std::optional<bool>* v) {
                   return std::string(!*v ? "" : **v ? "true" : "false");
                 },
                 [](const std::optional<double>* v) { return *v ? number_text(**v) : ""; },
                 [](const double* v) { return number_text(*v); },
                 [](const std::uint32_t* v) { return fmt::format("{}", *v); },
                 [](const std::uint64_t* v) { return fmt::format("{}", *v); },
                 [](const std::vector<std::uint32_t>* v) { return fmt::format("[{}]", fmt::join(*v, ", ")); },
                 [](const std::map<std::string, double>* v) {
                   std::vector<std::string> entries;
                   for (const auto& [name, weight] : *v) {
                     entries.push_back(fmt::format("{} = {}", quoted(name), number_text(weight)));
                   }
                   return fmt::format("{{{}}}", fmt::join(entries, ", "));
                 },
                 [](const std::map<std::string, std::string>* v) {
                   std::vector<std::string> entries;
                   for (const auto& [name, text] : *v) {
                     entries.push_back(fmt::format("{} = {}", quoted(name), quoted(text)));
                   }
                   return fmt::format("{{{}}}", fmt::join(entries, ", "));
                 }},
      target);
}

template <typename Unsigned>
bool take_integer(const toml::node& node, Unsigned& target) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0) return false;
  if (static_cast<std::uint64_t>(*value) > std::numeric_limits<Unsigned>::max()) return false;
  target = static_cast<Unsigned>(*value);
  return true;
}

bool take_number(const toml::node& node, double& target) {
  const auto value = node.value<double>();
  if (!value || !std::isfinite(*value)) return false;
  target = *value;
  return true;
}

/// Stores the node's value; false when it has the wrong type or range.
bool take(const toml::node& node, const SpecField::Target& target) {
  return std::visit(Overloaded{[&](std::string* v) {
                                 const auto value = node.value_exact<std::string>();
                                 if (value) *v = *value;
                                 return value.has_value();
                               },
                               [&](bool* v) {
                                 const auto value = node.value_exact<bool>();
                                 if (value) *v = *value;
                                 return value.has_value();
                               },
                               [&](std::optional<bool>* v) {
                                 *v = node.value_exact<bool>();
                                 return v->has_value();
                               },
                               [&](std::optional<double>* v) { return take_number(node, v->emplace()); },
                               [&](double* v) { return take_number(node, *v); },
                               [&](std::uint32_t* v) { return take_integer(node, *v); },
                               [&](std::uint64_t* v) { return take_integer(node, *v); },
                               [&](std::vector<std::uint32_t>* v) {
                                 const toml::array* array = node.as_array();
                                 if (!array) return false;
                                 v->assign(array->size(), 0);
                                 for (std::size_t i = 0; i < array->size(); ++i) {
                                   if (!take_integer(*array->get(i), (*v)[i])) return false;
                                 }
                                 return true;
                               },
                               [&](std::map<std::string, double>* v) {
                                 const toml::table* table = node.as_table();
                                 if (!table) return false;
                                 v->clear();
                                 for (const auto& [name, weight] : *table) {
                                   if (!take_number(weight, (*v)[std::string(name.str())])) return false;
                                 }
                                 return true;
                               },
                               [&](std::map<std::string, std::string>* v) {
                                 const toml::table* table = node.as_table();
                                 if (!table) return false;
                                 v->clear();
                                 for (const auto& [name, text] : *table) {
                                   const auto value = text.value_exact<std::string>();
                                   if (!value) return false;
                                   (*v)[std::string(name.str())] = *value;
                                 }
                                 return true;
                               }},
                    target);
}

std::string kind_of(const SpecField::Target& target) {
  return std::visit(
      Overloaded{[](const std::string*) { return "a string"; }, [](const bool*) { return "true or false"; },
                 [](const std::optional<double>*) { return "a finite number"; },
                 [](const std::optional<bool>*) { return "true or false"; },
                 [](const double*) { return "a finite number"; },
                 [](const std::uint32_t*) { return "a whole number from 0 to 4294967295"; },
                 [](const std::uint64_t*) { return "a whole number, not negative"; },
                 [](const std::vector<std::uint32_t>*) { return "a list of whole numbers"; },
                 [](const std::map<std::string, double>*) { return "a table of numbers"; },
                 [](const std::map<std::string, std::string>*) { return "a table of strings"; }},
      target);
}

class Reader {
 public:
  Reader(const std::string& file_name, RunSpec& spec) : file_name_(file_name), fields_(fields(spec)) {}

  Status read(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key =
          prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      SAMARA_TRY_STATUS(read_key(key, node));
    }
    return {};
  }

 private:
  Status read_key(const std::string& key, const toml::node& node) {
    const auto field =
        std::find_if(fields_.begin(), fields_.end(), [&](const SpecField& f) { return f.key == key; });
    const auto where = fmt::format("{}:{}", file_name_, node.source().begin.line);
    if (field != fields_.end()) {
      if (take(node, field->target)) return {};
      return make_error(ErrorCode::kInvalidArgument, "{}: '{}' must be {}", where, key,
                        kind_of(field->target));
    }
    const bool is_table = std::any_of(fields_.begin(), fields_.end(),
                                      [&](const SpecField& f) { return table_of(f.key) == key; });
    if (is_table && node.is_table()) return read(*node.as_table(), key);
    std::vector<std::string> known;
    for (const SpecField& f : fields_) known.push_back(f.key);
    const auto nearest = nearest_name(key, known);
    return make_error(ErrorCode::kInvalidArgument, "{}: unknown key '{}'; {}", where, key,
                      nearest ? fmt::format("did you mean '{}'?", *nearest)
                              : fmt::format("known keys are {}", fmt::join(known, ", ")));
  }

  const std::string& file_name_;
  std::vector<SpecField> fields_;
};

}  // namespace

std::vector<std::string> RunSpec::operators() const {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= operator_name.size();) {
    const std::size_t end = std::min(operator_name.find('+', begin), operator_name.size());
    names.push_back(operator_name.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

bool RunSpec::has_operator(std::string_view name) const {
  const std::vector<std::string> names = operators();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool RunSpec::adapts() const {
  return adaptive.value_or(operator_name != "diff");
}

std::string SpecField::flag() const {
  std::string flag = (table_of(key) == "prompt" ? "--prompt-" : "--") + name_of(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::vector<SpecField> fields(RunSpec& s) {
  return {
      {"domain", &s.domain, "What is evolved: sodarace, or task"},
      {"task", &s.task, "Folder of the task that is evolved, where the domain is task"},
      {"seed", &s.seed,
       "Program to start from: square, radial, cppn-fixed, cppn-mutable, or a file; of a task, all of its "
       "own by "
       "default"},
      {"operator", &s.operator_name,
       "How programs are varied: diff (the language model), gp, gp-node (the paper's baseline), text (any "
       "language), prompt (any model behind an endpoint), or several joined by '+'"},
      {"weights", &s.weights, "Weights of the operator's arms, e.g. gp.constant=2; 0 turns an arm off"},
      {"adaptive", &s.adaptive,
       "Learn the arms' weights from what the archive accepts; by default unless diff is alone"},
      {"costs", &s.costs,
       "What a proposal costs, by arm or operator, e.g. diff=20; adaptive weights then follow progress per "
       "cost. Those not named cost 1"},
      {"iterations", &s.iterations, "Iterations of the whole run"},
      {"batch", &s.batch, "Proposals per iteration"},
      {"children_per_parent", &s.children_per_parent,
       "Children that each selected parent gets in an iteration"},
      {"tournament", &s.tournament,
       "A parent is the fittest of this many elites drawn; 1: any, as in the paper"},
      {"lag", &s.lag,
       "Parents of iteration t are drawn from the archive after t-1-lag; above 0 keeps workers busy"},
      {"rng_seed", &s.rng_seed, "Seed of all randomness: the same seed gives the same run"},
      {"islands", &s.islands, "Populations that evolve side by side, each with elites of its own; 1: none"},
      {"migration_interval", &s.migration_interval,
       "Iterations after which every island sends elites to the next one; 0: never"},
      {"migration_rate", &s.migration_rate, "Share of an island's elites that migrate each time"},
      {"novelty", &s.novelty,
       "Refuse, before they are evaluated, proposals whose text is at least this similar to an earlier "
       "one's, "
       "from 0 to 1; 0: refuse none"},
      {"baseline", &s.baseline,
       "What to measure evolution against, at the same budget: iid (every candidate a child of the seed), "
       "sequential (of the best so far), or none"},
      {"stop.target_fitness", &s.target_fitness, "Stop when the best fitness is at least this"},
      {"stop.patience", &s.patience, "Stop after this many iterations without improvement; 0: never"},
      {"stop.patience_metric", &s.patience_metric, "What must improve: qd_score or max_fitness"},
      {"stop.patience_gain", &s.patience_gain, "Share of the value that counts as improvement"},
      {"archive.map", &s.map, "Niches: grid (bins per dimension) or cvt (Voronoi cells)"},
      {"archive.bins", &s.bins, "Bins of the grid in each behavior dimension"},
      {"archive.niches", &s.niches, "Number of cells of the cvt map"},
      {"archive.qd_offset", &s.qd_offset, "Fitness that counts as nothing in the QD score"},
      {"diff.model", &s.model, "Folder of the diff model; empty: the bundled one. It is copied into the run"},
      {"diff.messages", &s.messages, "Commit messages to mutate with; each is an arm, diff.NAME"},
      {"diff.temperature", &s.temperature,
       "Sampling temperature of the diff model; by default what its folder says, or else 0.8"},
      {"diff.top_p", &s.top_p,
       "Sample from the most probable tokens that have this probability together; by default what the "
       "model's folder says, or else 1"},
      {"diff.max_tokens", &s.max_tokens, "Tokens that a diff may have"},
      {"diff.window_tokens", &s.window_tokens, "Tokens of a program that the model sees at once"},
      {"diff.constrained", &s.constrained, "Hold diffs to what applies and can be valid Python"},
      {"diff.constrain_names", &s.constrain_names, "Hold names in diffs to those that exist in the program"},
      {"diff.comments", &s.comments, "Show the model comment lines, and let constrained diffs add comments"},
      {"diff.attempts", &s.attempts,
       "Constrained diffs that hit a dead end, change nothing, put a line back, unbind a name or call a "
       "function in a wrong way are drawn anew, up to so many in all"},
      {"diff.finetune_every", &s.finetune_every,
       "Fine-tune the model on what the archive accepted, every N iterations; 0: never"},
      {"diff.finetune_tokens", &s.finetune_tokens, "Training tokens of each fine-tuning"},
      {"diff.finetune_rate", &s.finetune_rate, "Peak learning rate of each fine-tuning"},
      {"prompt.models", &s.prompt.models, "Models to ask, as the endpoint calls them, with weights"},
      {"prompt.price_in", &s.prompt.price_in, "Price of a million prompt tokens, by model"},
      {"prompt.price_out", &s.prompt.price_out, "Price of a million completion tokens, by model"},
      {"prompt.choose", &s.prompt.choose,
       "Of several models: weights, or bandit, which follows acceptances per cost"},
      {"prompt.arms", &s.prompt.arms,
       "What is asked, with weights: diff, rewrite, cross, fix, edit, or a NAME.txt in prompt.templates"},
      {"prompt.templates", &s.prompt.templates,
       "Folder of prompts; empty: the bundled ones. They are copied into the run"},
      {"prompt.task", &s.prompt.task, "What is evolved, told to the model; empty: what the domain says"},
      {"prompt.protocol", &s.prompt.protocol, "chat or completions"},
      {"prompt.temperature", &s.prompt.temperature, "Sampling temperature"},
      {"prompt.max_tokens", &s.prompt.max_tokens, "Tokens that a reply may have"},
      {"prompt.body", &s.prompt.body,
       "JSON object merged over each request, e.g. {\"top_p\": 0.9}; null removes a field"},
      {"prompt.inspirations", &s.prompt.inspirations, "Programs of other niches that a prompt shows"},
      {"prompt.lineage", &s.prompt.lineage, "Edits of the parent's lineage that a prompt shows"},
      {"prompt.retry", &s.prompt.retry, "Answer a reply that cannot be used once, with the reason"},
      {"prompt.endpoint", &s.prompt.endpoint, "Address of an OpenAI-compatible endpoint"},
      {"prompt.key_variable", &s.prompt.key_variable,
       "Environment variable with the endpoint's key; empty: no key"},
      {"prompt.ca_file", &s.prompt.ca_file,
       "PEM file with the certificates to trust instead of the system's; empty: the system's"},
      {"prompt.stream", &s.prompt.stream, "Ask for streams: stalls show earlier, more work per token"},
      {"prompt.in_flight", &s.prompt.in_flight, "Requests at a time"},
      {"prompt.budget_requests", &s.prompt.budget_requests, "Most requests of the run; 0: no limit"},
      {"prompt.budget_tokens", &s.prompt.budget_tokens, "Most tokens of the run; 0: no limit"},
      {"prompt.budget_money", &s.prompt.budget_money, "Most that the run may cost; 0: no limit"},
      {"prompt.connect_seconds", &s.prompt.connect_seconds, "Time limit for a connection"},
      {"prompt.stall_seconds", &s.prompt.stall_seconds, "Time limit without a byte"},
      {"prompt.total_seconds", &s.prompt.total_seconds, "Time limit for a reply"},
      {"prompt.max_pause_seconds", &s.prompt.max_pause_seconds, "Longest pause while nothing is answered"},
      {"sodarace.simulator", &s.simulator, "Physics: lanes (fast) or box2d (reference)"},
      {"sodarace.robust_replays", &s.robust_replays,
       "Replays with small shifts of the start; 0 turns them off"},
      {"sodarace.robust_aggregate", &s.robust_aggregate, "What counts of the replays: worst or mean"},
      {"sandbox.cpu_limit_ms", &s.cpu_limit_ms, "CPU time that one program may use, milliseconds"},
      {"sandbox.memory_limit_mb", &s.memory_limit_mb, "Address space of the process a program runs in, MiB"},
      {"sandbox.allow_uncontained", &s.allow_uncontained,
       "Run although the kernel refuses a layer of containment; for trusted code only"},
      {"workers", &s.workers, "Threads; 0 takes one per core. Results do not depend on it"},
  };
}

Status read_spec(std::string_view toml_text, const std::string& file_name, RunSpec& spec) {
  RunSpec changed = spec;
  try {
    const toml::table table = toml::parse(toml_text, file_name);
    SAMARA_TRY_STATUS(Reader(file_name, changed).read(table, ""));
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::kInvalidArgument, "{}:{}:{}: not valid TOML: {}", file_name,
                      error.source().begin.line, error.source().begin.column, error.description());
  }
  spec = std::move(changed);
  return {};
}

std::string write_spec(const RunSpec& spec) {
  RunSpec copy = spec;
  std::vector<SpecField> all = fields(copy);
  // TOML wants the keys without a table first.
  std::stable_partition(all.begin(), all.end(), [](const SpecField& f) { return table_of(f.key).empty(); });
  std::string text;
  std::string table;
  for (const SpecField& field : all) {
    if (table_of(field.key) != table) {
      table = table_of(field.key);
      text += fmt::format("\n[{}]\n", table);
    }
    const std::string value = value_text(field.target);
    text +=
        fmt::format("# {}\n{}{} = {}\n", field.help, value.empty() ? "# " : "", name_of(field.key), value);
  }
  return text;
}

namespace {

Status check_name(const std::string& key, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return {};
  const auto nearest = nearest_name(value, known);
  return make_error(ErrorCode::kInvalidArgument, "{} '{}' is not known{}; choose from {}", key, value,
                    nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "", fmt::join(known, ", "));
}

template <typename Number>
Status check_range(const std::string& key, Number value, Number low, Number high) {
  if (value >= low && value <= high) return {};
  return make_error(ErrorCode::kInvalidArgument, "{} is {}, but must be from {} to {}", key, value, low,
                    high);
}

}  // namespace

Status validate(const RunSpec& s) {
  SAMARA_TRY_STATUS(check_name("domain", s.domain, {"sodarace", "task"}));
  if ((s.domain == "task") != !s.task.empty()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "domain is '{}' and task is '{}'; a task goes with the domain task", s.domain, s.task);
  }
  std::vector<std::string> operators = s.operators();
  for (const std::string& name : operators)
    SAMARA_TRY_STATUS(check_name("operator", name, {"diff", "gp", "gp-node", "prompt", "text"}));
  std::sort(operators.begin(), operators.end());
  if (std::adjacent_find(operators.begin(), operators.end()) != operators.end()) {
    return make_error(ErrorCode::kInvalidArgument, "operator '{}' names an operator twice", s.operator_name);
  }
  SAMARA_TRY_STATUS(check_range("diff.temperature", s.temperature.value_or(0.0), 0.0, 100.0));
  SAMARA_TRY_STATUS(check_range("diff.top_p", s.top_p.value_or(1.0), 0.0, 1.0));
  SAMARA_TRY_STATUS(check_range("diff.max_tokens", s.max_tokens, 1u, 1u << 20));
  SAMARA_TRY_STATUS(check_range("diff.attempts", s.attempts, 1u, 100u));
  SAMARA_TRY_STATUS(check_range("diff.window_tokens", s.window_tokens, 1u, 1u << 20));
  SAMARA_TRY_STATUS(check_range("diff.finetune_tokens", s.finetune_tokens, 1u, 4'000'000'000u));
  SAMARA_TRY_STATUS(check_range("diff.finetune_rate", s.finetune_rate, 0.0, 1.0));
  if (s.has_operator("diff") && s.messages.empty()) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "diff.messages is empty; name at least one, e.g. change = \"Changed {{function}} function.\"");
  }
  if (s.has_operator("prompt")) SAMARA_TRY_STATUS(validate_prompt(s.prompt));
  if (s.finetune_every > 0 && !s.has_operator("diff")) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "diff.finetune_every is {}, but operator '{}' has no model to fine-tune; use diff or gp+diff",
        s.finetune_every, s.operator_name);
  }
  SAMARA_TRY_STATUS(check_name("archive.map", s.map, {"grid", "cvt"}));
  SAMARA_TRY_STATUS(check_name("sodarace.simulator", s.simulator, {"lanes", "box2d"}));
  SAMARA_TRY_STATUS(check_name("sodarace.robust_aggregate", s.robust_aggregate, {"worst", "mean"}));
  SAMARA_TRY_STATUS(check_range("iterations", s.iterations, 1u, 100'000'000u));
  SAMARA_TRY_STATUS(check_range("batch", s.batch, 1u, 1'000'000u));
  SAMARA_TRY_STATUS(check_range("children_per_parent", s.children_per_parent, 1u, s.batch));
  SAMARA_TRY_STATUS(check_range("tournament", s.tournament, 1u, 1000u));
  SAMARA_TRY_STATUS(check_range("lag", s.lag, 0u, 1000u));
  SAMARA_TRY_STATUS(check_range("islands", s.islands, 1u, s.batch));
  SAMARA_TRY_STATUS(check_range("migration_rate", s.migration_rate, 1e-9, 1.0));
  SAMARA_TRY_STATUS(check_range("novelty", s.novelty, 0.0, 1.0));
  SAMARA_TRY_STATUS(check_name("baseline", s.baseline, {"none", "iid", "sequential"}));
  SAMARA_TRY_STATUS(check_name("stop.patience_metric", s.patience_metric, {"qd_score", "max_fitness"}));
  SAMARA_TRY_STATUS(check_range("stop.patience_gain", s.patience_gain, 0.0, 1e9));
  if (s.baseline != "none" && s.islands > 1) {
    return make_error(ErrorCode::kInvalidArgument,
                      "baseline {} has no population, but islands is {}; leave one of them out", s.baseline,
                      s.islands);
  }
  SAMARA_TRY_STATUS(check_range("archive.niches", s.niches, 1u, 10'000'000u));
  SAMARA_TRY_STATUS(check_range("sodarace.robust_replays", s.robust_replays, 0u, 100u));
  SAMARA_TRY_STATUS(check_range("sandbox.cpu_limit_ms", s.cpu_limit_ms, 10u, 3'600'000u));
  SAMARA_TRY_STATUS(check_range("sandbox.memory_limit_mb", s.memory_limit_mb, 128u, 1u << 20));
  SAMARA_TRY_STATUS(check_range("workers", s.workers, 0u, 1024u));
  if (!std::isfinite(s.qd_offset)) {
    return make_error(ErrorCode::kInvalidArgument, "archive.qd_offset must be a finite number");
  }
  if (s.rng_seed > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return make_error(ErrorCode::kInvalidArgument,
                      "rng_seed is {}, but TOML holds at most 9223372036854775807", s.rng_seed);
  }
  if (s.map == "grid") {
    std::uint64_t cells = 1;
    for (const std::uint32_t bins : s.bins) {
      SAMARA_TRY_STATUS(check_range("each of archive.bins", bins, 1u, 10'000u));
      cells = std::min<std::uint64_t>(cells * bins, std::uint64_t{1} << 40);
    }
    SAMARA_TRY_STATUS(check_range<std::uint64_t>("the product of archive.bins", cells, 1, 10'000'000));
  }
  for (const auto& [arm, weight] : s.weights)
    SAMARA_TRY_STATUS(check_range("weight of " + arm, weight, 0.0, 1e9));
  for (const auto& [name, cost] : s.costs) SAMARA_TRY_STATUS(check_range("cost of " + name, cost, 1e-9, 1e9));
  return {};
}

}  // namespace samara
