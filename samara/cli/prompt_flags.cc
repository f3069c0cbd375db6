#include "samara/cli/prompt_flags.h"

namespace samara::cli {

PromptFlags::PromptFlags(CLI::App& command) {
  command.add_option("--prompt-endpoint", endpoint_, "Another address of the endpoint")->type_name("URL");
  command.add_option("--prompt-key-variable", key_variable_, "Another environment variable with its key")
      ->type_name("NAME");
  command.add_option("--prompt-ca-file", ca_file_, "Another PEM file with the certificates to trust")
      ->type_name("FILE");
  command.add_option("--prompt-in-flight", in_flight_, "Requests at a time")->type_name("N");
  command
      .add_option("--prompt-budget-requests", budget_requests_, "Most requests of the whole run; 0: no limit")
      ->type_name("N");
  command.add_option("--prompt-budget-tokens", budget_tokens_, "Most tokens of the whole run; 0: no limit")
      ->type_name("N");
  command.add_option("--prompt-budget-money", budget_money_, "Most that the whole run may cost; 0: no limit")
      ->type_name("N");
  command
      .add_option("--prompt-max-pause-seconds", max_pause_seconds_, "Longest pause while nothing is answered")
      ->type_name("N");
}

std::function<void(PromptSpec&)> PromptFlags::adjustment() const {
  return [flags = *this](PromptSpec& prompt) {
    prompt.endpoint = flags.endpoint_.value_or(prompt.endpoint);
    prompt.key_variable = flags.key_variable_.value_or(prompt.key_variable);
    prompt.ca_file = flags.ca_file_.value_or(prompt.ca_file);
    prompt.in_flight = flags.in_flight_.value_or(prompt.in_flight);
    prompt.budget_requests = flags.budget_requests_.value_or(prompt.budget_requests);
    prompt.budget_tokens = flags.budget_tokens_.value_or(prompt.budget_tokens);
    prompt.budget_money = flags.budget_money_.value_or(prompt.budget_money);
    prompt.max_pause_seconds = flags.max_pause_seconds_.value_or(prompt.max_pause_seconds);
  };
}

}  // namespace samara::cli
