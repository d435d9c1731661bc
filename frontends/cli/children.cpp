#include "children.h"

#include <argot/error.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fstream>

namespace argot::cli {
namespace {

std::string last_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > 600) text = text.substr(text.size() - 600);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void pause_ms(long ms) {
  timespec time{ms / 1000, (ms % 1000) * 1'000'000};
  nanosleep(&time, nullptr);
}

}  // namespace

void Children::start(std::string name, const std::vector<std::string>& arguments, const std::filesystem::path& log) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0)
    throw Error(Code::permission_denied, "Cannot write " + log.string() + ".", "Check the folder's permissions.");
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(0);  // it went before we asked to be told
    ::setpgid(0, 0);                        // Ctrl-C in the terminal is ours to handle
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(out);
  if (pid < 0)
    throw Error(Code::unavailable, "Cannot start a process for " + name + ".", "Too many processes may be running.");
  children_.push_back({std::move(name), pid, log});
}

void Children::check() {
  for (auto child = children_.begin(); child != children_.end(); ++child) {
    int status = 0;
    if (::waitpid(child->pid, &status, WNOHANG) != child->pid) continue;
    Error error(Code::unavailable,
                "The process of " + child->name + " has ended. Its last words: " + last_lines(child->log),
                "See " + child->log.string() + ".");
    children_.erase(child);
    throw error;
  }
}

Children::~Children() {
  for (const Child& child : children_) ::kill(child.pid, SIGTERM);
  for (int waited = 0; waited < 5000 && !children_.empty(); waited += 10) {
    std::erase_if(children_, [](const Child& child) { return ::waitpid(child.pid, nullptr, WNOHANG) != 0; });
    if (!children_.empty()) pause_ms(10);
  }
  for (const Child& child : children_) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
  }
}

}  // namespace argot::cli
