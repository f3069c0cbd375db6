// samara lm serve: a model behind the OpenAI protocol.
#include <fmt/format.h>
#include <sys/random.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>

#include "samara/cli/interrupt.h"
#include "samara/cli/lm_command.h"
#include "samara/lm/cpu/cpu_generator.h"
#include "samara/lm/model.h"
#include "samara/lm/serve/lm_server.h"

namespace samara::cli {
namespace {

struct Flags {
  std::string model;
  std::string name;
  std::string api_key_env;
  std::uint32_t threads = 0;
  lm::LmServerOptions server;
};

/// The folder's last part: "models/diff/" is "diff".
std::string folder_name(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::absolute(folder).lexically_normal();
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

Result<std::string> read_key(const std::string& variable) {
  if (variable.empty()) return std::string();
  const char* key = std::getenv(variable.c_str());
  if (key != nullptr && *key != '\0') return std::string(key);
  return make_error(ErrorCode::kInvalidArgument,
                    "--api-key-env: {} is not set in the environment; export {}=KEY first", variable,
                    variable);
}

/// For answers that nobody asked to be repeatable.
std::uint64_t fresh_seed() {
  std::uint64_t seed = 0;
  const ssize_t got = getrandom(&seed, sizeof(seed), 0);
  return got == sizeof(seed) ? seed : static_cast<std::uint64_t>(std::time(nullptr));
}

Status serve_command(Flags flags) {
  SAMARA_TRY(flags.server.api.api_key, read_key(flags.api_key_env));
  SAMARA_TRY(lm::Model model, lm::load_model(flags.model));
  SAMARA_TRY(const std::shared_ptr<const lm::PackedModel> packed,
             lm::PackedModel::make(model.config, model.tensors));
  model.tensors.clear();  // the packed ones serve
  std::vector<std::unique_ptr<lm::Generator>> generators;
  const std::uint32_t threads =
      flags.threads > 0 ? flags.threads : std::max(1U, std::thread::hardware_concurrency());
  for (std::uint32_t i = 0; i < threads; ++i) {
    SAMARA_TRY(generators.emplace_back(), lm::make_cpu_generator(packed));
  }

  flags.server.api.model_id = flags.name.empty() ? folder_name(flags.model) : flags.name;
  flags.server.api.seed = fresh_seed();
  flags.server.api.created = std::time(nullptr);
  const std::atomic<bool>& stop = stop_on_interrupt();
  SAMARA_TRY(const std::unique_ptr<lm::LmServer> server,
             lm::LmServer::bind(model.config, model.tokenizer, std::move(generators), flags.server));
  fmt::print(stderr, "serving {} at http://{}:{}/v1 with {} thread{} ({}); Ctrl-C stops\n",
             flags.server.api.model_id, flags.server.http.host, server->port(), threads,
             threads == 1 ? "" : "s", packed->kernels());
  server->serve(stop);
  return {};
}

}  // namespace

void add_lm_serve(CLI::App& lm, Action& chosen) {
  CLI::App* command =
      add_subcommand(lm, "serve", "Serve a model over HTTP in the OpenAI protocol",
                     "  samara lm serve models/diff\n"
                     "  samara lm serve models/diff --host 0.0.0.0 --port 8000 --api-key-env API_KEY\n"
                     "  curl localhost:8080/v1/models");
  auto flags = std::make_shared<Flags>();
  flags->server.http.port = 8080;
  command->add_option("model", flags->model, "Model folder (config.json, model.safetensors, tokenizer.json)")
      ->required()
      ->type_name("MODEL");
  command
      ->add_option("--host", flags->server.http.host,
                   "Address to listen on; 0.0.0.0 for every one of this machine")
      ->capture_default_str();
  command->add_option("--port", flags->server.http.port, "Port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--threads", flags->threads, "Threads that generate; default: one per processor")
      ->check(CLI::Range(1, 1024));
  command->add_option("--name", flags->name, "What requests call the model; default: the folder's name");
  command
      ->add_option("--api-key-env", flags->api_key_env,
                   "Environment variable with the key that clients must send; default: no key")
      ->type_name("NAME");
  command->callback([&chosen, flags] { chosen = [flags] { return serve_command(*flags); }; });
}

}  // namespace samara::cli
