#include "samara/cli/command.h"

#include <cstdio>

#include "samara/cli/new_command.h"

namespace samara::cli {

CLI::App* add_subcommand(CLI::App& app, const std::string& name, const std::string& what,
                         const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer("\nExamples:\n" + examples);
  return command;
}

void add_all(CLI::App& app, Action& chosen) {
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_demo(app, chosen);
  add_new(app, chosen);
  add_evolve(app, chosen);
  add_resume(app, chosen);
  add_eval(app, chosen);
  add_stats(app, chosen);
  add_verify(app, chosen);
  add_map(app, chosen);
  add_compare(app, chosen);
  add_render(app, chosen);
  add_show(app, chosen);
  add_export(app, chosen);
  add_bench(app, chosen);
  add_finetune(app, chosen);
  add_lm(app, chosen);
  add_corpus(app, chosen);
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 2;
    case ErrorCode::kInvalidData:
      return 3;
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
      return 4;
    case ErrorCode::kInUse:
      return 5;
    case ErrorCode::kUnsupported:
      return 6;
    case ErrorCode::kIo:
      return 7;
    case ErrorCode::kTimeout:
      return 8;
    case ErrorCode::kCancelled:
      return 130;  // as a shell reports a program ended by Ctrl-C
    case ErrorCode::kInternal:
      return 1;
  }
  return 1;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace samara::cli
