// Flags of the operator `prompt` that resume takes as well, because they do not affect results: where the
// endpoint is, which variable has its key, whose certificates it has, and what may be spent. The values are
// applied to the spec that the run has.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

#include "samara/pipeline/prompt_spec.h"

namespace samara::cli {

class PromptFlags {
 public:
  explicit PromptFlags(CLI::App& command);
  /// For Run::Limits::adjust_prompt.
  std::function<void(PromptSpec&)> adjustment() const;

 private:
  std::optional<std::string> endpoint_, key_variable_, ca_file_;
  std::optional<std::uint32_t> in_flight_;
  std::optional<std::uint64_t> budget_requests_, budget_tokens_;
  std::optional<double> budget_money_, max_pause_seconds_;
};

}  // namespace samara::cli
