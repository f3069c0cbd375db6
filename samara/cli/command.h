// What every subcommand shares. One file per subcommand, each with one function add_<name>() that describes
// its flags and says what to do; samara_main.cc runs the chosen one. Only this module prints, and only here
// are errors turned into exit codes (docs/cli.md lists them).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "samara/base/result.h"

namespace samara::cli {

/// Set by the subcommand that the arguments chose; does the work.
using Action = std::function<Status()>;

void add_demo(CLI::App& app, Action& chosen);
void add_new(CLI::App& app, Action& chosen);
void add_evolve(CLI::App& app, Action& chosen);
void add_resume(CLI::App& app, Action& chosen);
void add_eval(CLI::App& app, Action& chosen);
void add_stats(CLI::App& app, Action& chosen);
void add_verify(CLI::App& app, Action& chosen);
void add_map(CLI::App& app, Action& chosen);
void add_compare(CLI::App& app, Action& chosen);
void add_render(CLI::App& app, Action& chosen);
void add_show(CLI::App& app, Action& chosen);
void add_export(CLI::App& app, Action& chosen);
void add_bench(CLI::App& app, Action& chosen);
void add_bench_mutation(CLI::App& bench, Action& chosen);
void add_finetune(CLI::App& app, Action& chosen);
void add_lm(CLI::App& app, Action& chosen);
void add_corpus(CLI::App& app, Action& chosen);
/// All of them; the arguments must then choose one.
void add_all(CLI::App& app, Action& chosen);

/// A subcommand whose help ends in `examples`, one per line.
CLI::App* add_subcommand(CLI::App& app, const std::string& name, const std::string& what,
                         const std::string& examples);

/// Exit code of an error: see docs/cli.md.
int exit_code(ErrorCode code);

/// Writes to standard output. A closed pipe (`samara stats DIR | head`) ends the program quietly.
void print(std::string_view text);

}  // namespace samara::cli
