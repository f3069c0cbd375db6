// The samara program: parses the arguments and runs the subcommand that they choose.
#include <csignal>
#include <cstdio>

#include "samara/cli/command.h"

int main(int argc, char** argv) {
  using namespace samara;
  CLI::App app("Samara evolves programs with language models.", "samara");
  app.set_version_flag("--version", "samara " SAMARA_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

  cli::Action chosen;
  cli::add_demo(app, chosen);
  cli::add_evolve(app, chosen);
  cli::add_resume(app, chosen);
  cli::add_eval(app, chosen);
  cli::add_stats(app, chosen);
  cli::add_verify(app, chosen);
  cli::add_map(app, chosen);
  cli::add_render(app, chosen);
  cli::add_show(app, chosen);
  cli::add_export(app, chosen);
  cli::add_bench(app, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return cli::exit_code(ErrorCode::kInvalidArgument);
  }

  const Status status = chosen();
  if (status.ok()) return 0;
  std::fprintf(stderr, "samara: %s\n", status.error().message.c_str());
  return cli::exit_code(status.error().code);
}
