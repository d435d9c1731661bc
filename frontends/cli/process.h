#pragma once
// Starting this program once more, as a node or a bot of a local network.
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace argot::cli {

/// Whether a process is told to stop when the one that started it ends, however it ends.
enum class Lives { with_parent, alone };
/// Starts this program with arguments; what it prints goes to `log`, its input is empty. `name`: for errors.
/// Throws Error(unavailable) when there can be no more processes, Error(permission_denied) when the log cannot be
/// written.
pid_t start_process(const std::string& name, const std::vector<std::string>& arguments,
                    const std::filesystem::path& log, Lives lives);
/// The end of a log, for error messages.
std::string last_words(const std::filesystem::path& log);
/// For programs that wait for other processes; nothing of the kernel runs meanwhile.
void pause_ms(long ms);

}  // namespace argot::cli
