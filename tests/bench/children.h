#pragma once
// Programs that benchmarks start.
#include <string>
#include <vector>

#include <sys/types.h>

namespace argot::bench {

class Child {
 public:
  /// Starts a program (found in the PATH when its name has no slash). Its output goes to a pipe that output() reads,
  /// its errors to a file, or nowhere.
  explicit Child(const std::vector<std::string>& command, const std::string& errors = "/dev/null");
  /// Asks it to end, and waits for it.
  ~Child();
  Child(const Child&) = delete;

  pid_t id() const { return id_; }
  /// Up to the end of a line; empty when the program ended first.
  std::string line();
  /// Waits for the end; gives the exit code, 127 when it could not be started.
  int wait();

 private:
  pid_t id_ = 0;
  int output_ = -1;
};

bool can_run(const std::vector<std::string>& command);

}  // namespace argot::bench
