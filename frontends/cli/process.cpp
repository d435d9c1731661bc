#include "process.h"

#include <argot/error.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace argot::cli {

pid_t start_process(const std::string& name, const std::vector<std::string>& arguments,
                    const std::filesystem::path& log, Lives lives) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0)
    throw Error(Code::permission_denied, "Cannot write " + log.string() + ".", "Check the folder's permissions.");
  // Closed by a successful exec; until then the process still looks like this one.
  int started[2];
  if (::pipe2(started, O_CLOEXEC) != 0) {
    ::close(out);
    throw Error(Code::unavailable, "Cannot start a process for " + name + ".", "Too many files may be open.");
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (lives == Lives::with_parent) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(0);  // it went before we asked to be told
      ::setpgid(0, 0);                        // Ctrl-C in the terminal is ours to handle
    } else {
      ::setsid();
    }
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(started[1]);
  char none;
  while (::read(started[0], &none, 1) < 0 && errno == EINTR) continue;
  ::close(started[0]);
  if (pid < 0)
    throw Error(Code::unavailable, "Cannot start a process for " + name + ".", "Too many processes may be running.");
  return pid;
}

std::string last_words(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > 600) text = text.substr(text.size() - 600);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void pause_ms(long ms) {
  timespec time{ms / 1000, (ms % 1000) * 1'000'000};
  nanosleep(&time, nullptr);
}

}  // namespace argot::cli
