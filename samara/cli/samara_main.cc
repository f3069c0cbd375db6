// The samara program: parses the arguments and runs the subcommand that they choose.
#include <csignal>
#include <cstdio>
#include <exception>

#include "samara/cli/command.h"

int main(int argc, char** argv) {
  using namespace samara;
  CLI::App app("Samara evolves programs and keeps a map of the best of every kind.", "samara");
  app.set_version_flag("--version", "samara " SAMARA_VERSION);
  // A file size limit is an error of the write that meets it, not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);

  cli::Action chosen;
  cli::add_all(app, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return cli::exit_code(ErrorCode::kInvalidArgument);
  }

  Status status;
  try {
    status = chosen();
  } catch (const std::exception&
               exception) {  // of a library: no memory, no threads, a path that cannot be looked at
    status = make_error(ErrorCode::kInternal, "{}", exception.what());
  }
  if (status.ok() && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)) {
    status = make_error(ErrorCode::kIo, "cannot write to standard output");
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "samara: %s\n", status.error().message.c_str());
  return cli::exit_code(status.error().code);
}
