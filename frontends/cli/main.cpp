// argot: one program for people, bots and service nodes.
#include "commands.h"
#include "mistyped.h"

#include <argot/error.h>
#include <argot/generated/sdk_hash.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <system_error>

// Whoever starts us without one of the standard descriptors would otherwise find the next file that is opened, an
// account's database perhaps, in its place, and what is printed in that file.
static void take_standard_descriptors() {
  int descriptor = 0;
  while (descriptor >= 0 && descriptor <= 2) descriptor = ::open("/dev/null", O_RDWR);
  if (descriptor > 2) ::close(descriptor);
}

int main(int argc, char** argv) {
  using namespace argot::cli;
  take_standard_descriptors();
  // Who writes to a reader that has gone gets an error, and what it holds is put away in order.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Argot: a modular private messenger.", "argot"};
  app.set_version_flag("--version", "argot 0.1.0 (sdk " ARGOT_SDK_HASH ")");
  app.require_subcommand(1);
  app.footer(
      "Start with:  argot demo          a private network on this machine, two accounts, a conversation\n"
      "Manual:      man argot           Verbs in detail: argot VERB --help");
  Common common;
  app.add_flag("--json", common.json, "results as JSON, one object a line");
  app.fallthrough();  // --json may follow the verb: verbs take it over when they are made
  for (auto* add : {add_demo, add_devnet, add_run, add_account, add_messages, add_talk, add_path, add_plugin,
                    add_vectors, add_completion})
    add(app, common);
  try {
    app.parse(argc, argv);
    return common.exit_code;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help or the version was asked for
    std::fprintf(stderr, "argot: %s\n", mistyped(app, error).sentence().c_str());
    return 2;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return common.exit_code;  // `argot history | head`
    std::fprintf(stderr, "argot: %s\n", error.what());
  } catch (const argot::Error& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "argot: %s\n", error.sentence().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "argot: %s\n", error.what());
  }
  return 1;
}
