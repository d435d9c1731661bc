#pragma once
// The program `argot` as a process of its own, watched through its output: a test waits for words or for the end, never
// for time to pass.
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace argot::e2e {

/// Far more than anything takes, also under a sanitizer on a busy machine: who waits this long waits in vain.
inline constexpr std::chrono::seconds patience{90};

struct Result {
  int code = -1;  ///< exit code; a signal is 128 and its number
  std::string out, err;
};

struct Launch {
  std::string input;                     ///< what it reads from standard input
  bool keep_input = false;               ///< more input follows: type()
  std::filesystem::path home;            ///< $HOME, so that nothing of the user's is touched
  std::vector<std::string> environment;  ///< more of it: "NAME=value"
  std::function<void()> in_child;        ///< after fork, before exec: limits, privileges; only system calls
};

class Process {
 public:
  /// Runs argot with these arguments. It dies with this object, and with this test.
  explicit Process(const std::vector<std::string>& arguments, Launch launch = {});
  ~Process();
  Process(const Process&) = delete;

  /// Waits until the output (of both kinds) contains `text` `times` times. Fails the test when the process ends before,
  /// or when patience does.
  bool wait_for(const std::string& text, std::size_t times = 1);
  /// Writes a line to its standard input. False when it reads no more.
  bool type(const std::string& line);
  void close_input();
  /// SIGTERM and its like.
  void signal(int number);
  /// As a crash: SIGKILL, and all that it said.
  Result kill();
  /// Waits for its end.
  Result finish();

  pid_t pid() const { return pid_; }
  const std::string& out() const { return result_.out; }
  const std::string& err() const { return result_.err; }
  /// What it said, for a test's complaint.
  std::string said() const { return "it said:\n" + result_.out + result_.err; }

 private:
  /// Takes what is there, or waits for it. False when both outputs are at their end, or patience is.
  bool read_some(std::chrono::steady_clock::time_point end);
  void reap();
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  bool ended_ = false;
  Result result_;
};

/// Runs it to its end.
Result run(const std::vector<std::string>& arguments, Launch launch = {});

std::size_t count(const std::string& text, const std::string& part);

}  // namespace argot::e2e
