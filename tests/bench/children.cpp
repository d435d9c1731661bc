#include "children.h"

#include <argot/error.h>

#include <csignal>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace argot::bench {

Child::Child(const std::vector<std::string>& command, const std::string& errors) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    throw Error(Code::resource_exhausted, "No pipe can be made for a child of the benchmark.");
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  id_ = ::fork();
  if (id_ == 0) {
    ::dup2(pipe[1], 1);
    if (const int file = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600); file >= 0) ::dup2(file, 2);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
  if (id_ < 0) throw Error(Code::resource_exhausted, "The benchmark cannot start \"" + command[0] + "\".");
}

Child::~Child() {
  if (id_ > 0) {
    ::kill(id_, SIGTERM);
    wait();
  }
  ::close(output_);
}

std::string Child::line() {
  std::string out;
  for (char c; ::read(output_, &c, 1) == 1 && c != '\n';) out += c;
  return out;
}

int Child::wait() {
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  id_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool can_run(const std::vector<std::string>& command) { return Child(command).wait() == 0; }

}  // namespace argot::bench
