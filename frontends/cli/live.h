#pragma once
// A kernel in this process, and a coroutine of the command line on it.
#include <kernel/host/kernel.h>

#include <argot/messenger.h>

#include <functional>

namespace argot::cli {

using Main = std::function<Task<int>(kernel::Kernel& kernel)>;

/// Starts the profile, runs `main` (none: until something asks to stop), stops, and returns the exit code. SIGINT and
/// SIGTERM stop gracefully. Throws what start or `main` threw.
int run_live(kernel::Profile profile, Main main = {});

/// The profile that verbs use: `file`, or with no file the usual one ($XDG_CONFIG_HOME/argot/profile.yaml), or with none
/// of these a client with this machine's defaults. `sets` are --set assignments.
kernel::Profile profile_of(const std::string& file, const std::vector<std::string>& sets);

/// Reads a passphrase or a phrase from a file ("-": standard input), without the line end.
std::string read_secret_text(const std::string& file);

/// The account to act for: the one named, or the only one. Throws Error(not_found) with what to do.
AccountId choose_account(Messenger& messenger, const std::string& named);

}  // namespace argot::cli
