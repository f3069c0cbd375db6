// PromptSpec: the [prompt] table of a run spec: which endpoint, which models and how they are asked.
// docs/prompt-operator.md explains the keys; run_spec.cc has the table of fields. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace samara {

struct PromptSpec {
  // What affects results.
  std::map<std::string, double> models;               ///< by name, with weights
  std::map<std::string, double> price_in, price_out;  ///< per million tokens, by model
  std::string choose = "weights";
  std::map<std::string, double> arms = {{"diff", 2.0}, {"rewrite", 1.0}, {"cross", 1.0}};
  std::string templates;  ///< folder of the arms' forms; empty: the bundled ones
  std::string task;       ///< what is evolved, in words; empty: what the domain says
  std::string protocol = "chat";
  double temperature = 0.8;
  std::uint32_t max_tokens = 2048;
  std::string body;
  std::uint32_t inspirations = 2;
  std::uint32_t lineage = 3;
  bool retry = true;
  // What does not.
  std::string endpoint = "http://127.0.0.1:8080/v1";
  std::string key_variable;
  std::string ca_file;  ///< certificates to trust instead of the system's; empty: the system's
  bool stream = false;
  std::uint32_t in_flight = 256;
  std::uint64_t budget_requests = 0;
  std::uint64_t budget_tokens = 0;
  double budget_money = 0.0;
  double connect_seconds = 10.0;
  double stall_seconds = 120.0;
  double total_seconds = 600.0;
  double max_pause_seconds = 60.0;
};

}  // namespace samara
