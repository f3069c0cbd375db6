#include "samara/program/outcome.h"

#include <array>

namespace samara {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kNames = {
    "accepted",          "rejected",          "duplicate",
    "unchanged",         "no_diff",           "diff_does_not_apply",
    "syntax_error",      "runtime_error",     "forbidden",
    "time_limit",        "memory_limit",      "crashed",
    "invalid_phenotype", "evaluation_failed", "not_novel"};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::optional<Outcome> outcome_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Outcome>(i);
  }
  return std::nullopt;
}

}  // namespace samara
