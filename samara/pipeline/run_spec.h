// RunSpec: everything a run is made of. One table of fields (fields()) gives the TOML keys, the command
// line's flags, the defaults and the help, so that a spec file and flags say the same things.
// docs/run-spec.md is written from it. The resolved spec is kept in the run's store; a resume may extend the
// iterations and change nothing else that affects results. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/pipeline/prompt_spec.h"

namespace samara {

struct RunSpec {
  // What affects results.
  std::string domain = "sodarace";
  std::string task;             ///< of the domain task: its folder
  std::string seed = "square";  ///< of the domain task, empty means all of the task's
  std::string operator_name = "diff";
  std::map<std::string, double> weights;  ///< of the operator's arms; arms not named keep their default
  std::optional<bool> adaptive;           ///< unset: as adapts() says
  std::map<std::string, double> costs;    ///< of a proposal, by arm or operator; 1 where it is not named
  std::uint32_t iterations = 200;
  std::uint32_t batch = 512;
  std::uint32_t children_per_parent = 1;
  std::uint32_t tournament = 1;
  std::uint32_t lag = 1;
  std::uint64_t rng_seed = 0;
  std::uint32_t islands = 1;
  std::uint32_t migration_interval = 10;
  double migration_rate = 0.1;
  double novelty = 0.0;
  std::string baseline = "none";
  std::string map = "grid";
  std::vector<std::uint32_t> bins = {12, 12, 12};  ///< empty: as the domain says
  std::uint32_t niches = 1728;
  double qd_offset = 0.0;
  std::string model;  ///< folder of the diff model; empty: the bundled one
  std::map<std::string, std::string> messages = {{"change", "Changed {function} function."},
                                                 {"parameters", "Changed parameters in {function} function."},
                                                 {"small", "Small change to {function} function."}};
  std::optional<double> temperature, top_p;  ///< nothing: as the folder of the diff model at hand says
  std::uint32_t max_tokens = 160;
  std::uint32_t window_tokens = 400;
  bool constrained = true;
  bool constrain_names = true;
  bool comments = false;
  std::uint32_t attempts = 8;
  std::uint32_t finetune_every = 0;
  std::uint32_t finetune_tokens = 500'000;
  double finetune_rate = 5e-4;
  PromptSpec prompt;
  std::string simulator = "lanes";
  std::uint32_t robust_replays = 0;
  std::string robust_aggregate = "worst";
  std::uint32_t cpu_limit_ms = 500;
  std::uint32_t memory_limit_mb = 512;
  // What says where a run stops; a resume may change it.
  std::optional<double> target_fitness;
  std::uint32_t patience = 0;
  std::string patience_metric = "qd_score";
  double patience_gain = 0.001;
  // What does not affect results.
  std::uint32_t workers = 0;  ///< 0: one per core
  bool allow_uncontained = false;

  /// Names of the operators that make up operator_name: "gp+diff" has two.
  std::vector<std::string> operators() const;
  bool has_operator(std::string_view name) const;
  /// Whether arm weights adapt: as `adaptive` says, else where genetic programming takes part. The diff model
  /// alone keeps the messages' own probabilities, as in the paper.
  bool adapts() const;
};

/// One setting, bound to its place in a RunSpec.
struct SpecField {
  using Target = std::variant<std::string*, bool*, std::optional<bool>*, std::optional<double>*, double*,
                              std::uint32_t*, std::uint64_t*, std::vector<std::uint32_t>*,
                              std::map<std::string, double>*, std::map<std::string, std::string>*>;
  std::string key;  ///< TOML key, dotted: "sodarace.simulator"; its last part is the flag: "--simulator"
  Target target;
  std::string help;

  /// "--rng-seed" for the key "rng_seed"; keys of the table `prompt` keep its name: "--prompt-endpoint".
  std::string flag() const;
};

/// The fields of `spec`, in the order in which they are written. The targets point into `spec`.
std::vector<SpecField> fields(RunSpec& spec);

/// Reads TOML over the values that `spec` has. Errors (kInvalidArgument) name the file, line and key; an
/// unknown key names the nearest known one.
Status read_spec(std::string_view toml, const std::string& file_name, RunSpec& spec);

/// The whole spec as commented TOML that read_spec() takes.
std::string write_spec(const RunSpec& spec);

/// Checks what a field alone cannot show: known names, ranges, combinations. Errors: kInvalidArgument.
Status validate(const RunSpec& spec);

}  // namespace samara
