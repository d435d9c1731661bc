#pragma once
// A kernel in this process, and a coroutine of the command line on it.
#include <kernel/host/kernel.h>

#include <argot/messenger.h>

#include <functional>

namespace argot::cli {

using Main = std::function<Task<int>(kernel::Kernel& kernel)>;

/// Starts the profile, runs `main` (none: until something asks to stop), stops, and returns the exit code. SIGINT and
/// SIGTERM stop gracefully. Throws what start or `main` threw.
/// `control`: whether `argot plugin swap` and the like can reach this kernel while it runs.
enum class Control { no, yes };
int run_live(kernel::Profile profile, Main main = {}, Control control = Control::no);
/// The same with several kernels in one process, on one loop: when one ends or fails, all do. At least one profile.
/// A profile with "workers:" has more kernels, each on a thread of its own (kernel/host/shards.h): they start after its
/// first one, which is on the loop, and stop before it.
int run_live(std::vector<kernel::Profile> profiles, Main main = {}, Control control = Control::no);

/// The profile that verbs use: `file`, or with no file the usual one ($XDG_CONFIG_HOME/argot/profile.yaml), or with
/// none of these one that stays on this machine, if that will do; or that one in any case. `sets` are --set
/// assignments.
enum class Offline { refused, will_do, built_in };
kernel::Profile profile_of(const std::string& file, const std::vector<std::string>& sets,
                           Offline offline = Offline::refused);

/// Reads a passphrase or a phrase from a file ("-": standard input), without the line end.
std::string read_secret_text(const std::string& file);

/// The account to act for: the one named, or the only one. Throws Error(not_found) with what to do.
AccountId choose_account(Messenger& messenger, const std::string& named);

}  // namespace argot::cli
