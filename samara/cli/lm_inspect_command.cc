// samara lm inspect: what a model folder holds, and what a tuned model was made of.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "samara/base/text.h"
#include "samara/cli/lm_command.h"
#include "samara/cli/progress.h"
#include "samara/lm/model.h"
#include "samara/pipeline/provenance.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string model;
  bool json = false;
};

const char* architecture_name(lm::Architecture architecture) {
  return architecture == lm::Architecture::kLlama ? "LlamaForCausalLM" : "Qwen2ForCausalLM";
}

std::vector<std::string> special_names(const lm::Tokenizer& tokenizer) {
  std::vector<std::string> names;
  for (lm::TokenId id = 0; id < tokenizer.size(); ++id) {
    if (tokenizer.is_special(id)) names.emplace_back(tokenizer.bytes(id));
  }
  return names;
}

using Origin = Result<std::optional<Provenance>>;

nlohmann::ordered_json model_json(const lm::Model& model, const Origin& origin) {
  const lm::ModelConfig& config = model.config;
  const auto token = [](std::optional<lm::TokenId> id) {
    return id ? nlohmann::json(*id) : nlohmann::json();
  };
  nlohmann::ordered_json json;
  json["architecture"] = architecture_name(config.architecture);
  json["parameters"] = config.parameters();
  json["vocab_size"] = config.vocab_size;
  json["hidden_size"] = config.hidden_size;
  json["intermediate_size"] = config.intermediate_size;
  json["layers"] = config.layers;
  json["heads"] = config.heads;
  json["kv_heads"] = config.kv_heads;
  json["head_dim"] = config.head_dim;
  json["max_positions"] = config.max_positions;
  json["rope_theta"] = config.rope_theta;
  json["rms_norm_eps"] = config.rms_norm_eps;
  json["tie_embeddings"] = config.tie_embeddings;
  json["qkv_bias"] = config.qkv_bias;
  json["bos_token"] = token(config.bos_token);
  json["eos_token"] = token(config.eos_token);
  json["pad_token"] = token(config.pad_token);
  const auto number = [](std::optional<double> value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  json["sampling"]["temperature"] = number(model.sampling.temperature);
  json["sampling"]["top_p"] = number(model.sampling.top_p);
  json["tokenizer"]["tokens"] = model.tokenizer.size();
  json["tokenizer"]["specials"] = special_names(model.tokenizer);
  for (const auto& [name, tensor] : model.tensors) json["tensors"][name] = tensor.shape;
  json["digest"] = lm::model_digest(model);
  json["provenance"] = nullptr;
  if (!origin.ok()) {
    json["provenance_error"] = origin.error().message;
  } else if (*origin) {
    json["provenance"] = nlohmann::ordered_json::parse(write_provenance(**origin));
  }
  return json;
}

/// Words of a file, on a terminal.
std::string shown(const std::string& text) {
  return sanitize_utf8(one_line(text, 60));
}

/// "1,234 by gp, 10 by diff".
std::string commits_text(const LearnedRun& run) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : run.commits) {
    parts.push_back(fmt::format("{} by {}", grouped(count), shown(name)));
  }
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string provenance_text(const Provenance& provenance, const std::string& digest) {
  std::string text = "\nfine-tuned\n";
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<11}{}\n", name, value);
  };
  if (provenance.model != digest) {
    line("not this", fmt::format("provenance.json is about a model of digest {}", provenance.model));
  }
  line("from", provenance.start);
  for (const LearnedRun& run : provenance.runs) {
    line("on", fmt::format("run {} until iteration {}, operator {}", run.digest.substr(0, 12),
                           grouped(run.until), shown(run.operator_name)));
    line("", fmt::format("accepted diffs: {}", commits_text(run)));
  }
  const FinetuneOptions& options = provenance.options;
  line("with", fmt::format("{} tokens, weight {}, learning rate {:g}, examples of up to {} tokens, seed {}",
                           grouped(options.tokens), weight_name(provenance.weight), options.learning_rate,
                           grouped(options.max_tokens), options.seed));
  line("by", "samara " + shown(provenance.samara_version));
  return text;
}

/// "model.layers.*.mlp.up_proj.weight" for a tensor that each layer has; other names as they are.
std::string without_layer(const std::string& name) {
  const std::string prefix = "model.layers.";
  if (!name.starts_with(prefix)) return name;
  return prefix + "*" + name.substr(name.find('.', prefix.size()));
}

std::string heads_text(const lm::ModelConfig& config) {
  if (config.kv_heads == config.heads) return fmt::format("{} of {}", config.heads, config.head_dim);
  return fmt::format("{} of {}, {} key/value head{}", config.heads, config.head_dim, config.kv_heads,
                     config.kv_heads == 1 ? "" : "s");
}

std::string model_text(const lm::Model& model, const Origin& origin) {
  const lm::ModelConfig& config = model.config;
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<13}{}\n", name, value);
  };
  const auto token = [&](std::optional<lm::TokenId> id) {
    if (!id) return std::string("none");
    return fmt::format("{} {}", *id, sanitize_utf8(one_line(model.tokenizer.bytes(*id), 60)));
  };
  line("architecture", architecture_name(config.architecture));
  line("parameters", grouped(config.parameters()));
  line("context", grouped(config.max_positions) + " tokens");
  line("layers", fmt::format("{}", config.layers));
  line("width", fmt::format("{}, {} inside", config.hidden_size, config.intermediate_size));
  line("heads", heads_text(config));
  line("positions", fmt::format("rotary, theta {:g}", config.rope_theta));
  line("embeddings", fmt::format("{} rows, {}", grouped(config.vocab_size),
                                 config.tie_embeddings ? "tied to the output" : "output separate"));
  line("biases", config.qkv_bias ? "on q, k and v" : "none");
  line("tokenizer", fmt::format("{} tokens, {} special", grouped(model.tokenizer.size()),
                                special_names(model.tokenizer).size()));
  line("begin", token(config.bos_token));
  line("end", token(config.eos_token));
  line("padding", token(config.pad_token));
  const std::string digest = lm::model_digest(model);
  line("digest", digest);
  if (!origin.ok()) {
    text += fmt::format("\nfine-tuned\n  {}\n", sanitize_utf8(origin.error().message));
  } else if (*origin) {
    text += provenance_text(**origin, digest);
  }

  std::map<std::string, std::pair<std::size_t, std::vector<std::uint64_t>>> shapes;  // count, shape
  for (const auto& [name, tensor] : model.tensors) {
    auto& [count, shape] = shapes[without_layer(name)];
    ++count;
    shape = tensor.shape;
  }
  text += "\ntensors\n";
  for (const auto& [name, entry] : shapes) {
    text += fmt::format("  {:<48} {:>3} x ({})\n", name, entry.first, fmt::join(entry.second, ", "));
  }
  return text;
}

Status inspect_command(const Flags& flags) {
  SAMARA_TRY(const lm::Model model, lm::load_model(flags.model));
  using Handler = nlohmann::json::error_handler_t;
  const Origin origin = load_provenance(flags.model);
  print(flags.json ? model_json(model, origin).dump(2, ' ', false, Handler::replace) + "\n"
                   : model_text(model, origin));
  return {};
}

}  // namespace

void add_lm_inspect(CLI::App& lm, Action& chosen) {
  CLI::App* command = add_subcommand(
      lm, "inspect",
      "Check a model folder and print architecture, parameters, shapes, tokenizer, digest and provenance",
      "  samara lm inspect models/diff\n"
      "  samara lm inspect ~/checkpoints/Qwen2.5-0.5B --json");
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "Folder with config.json, model.safetensors and tokenizer.json")
      ->required()
      ->type_name("MODEL");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return inspect_command(*flags); }; });
}

}  // namespace samara::cli
