#pragma once
// Other processes of this program: the nodes and the bot of a local network. They end with this process, however it
// ends.
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace argot::cli {

class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  /// Asks all to stop, waits up to five seconds, then makes them.
  ~Children();
  /// Starts this program with arguments; what it prints goes to `log`. Throws Error(unavailable).
  void start(std::string name, const std::vector<std::string>& arguments, const std::filesystem::path& log);
  /// Throws Error(unavailable) naming a child that has ended and the end of its log.
  void check();

 private:
  struct Child {
    std::string name;
    pid_t pid;
    std::filesystem::path log;
  };
  std::vector<Child> children_;
};

}  // namespace argot::cli
