#include "children.h"

#include "process.h"

#include <argot/error.h>

#include <signal.h>
#include <sys/wait.h>

namespace argot::cli {

void Children::start(std::string name, const std::vector<std::string>& arguments, const std::filesystem::path& log) {
  const pid_t pid = start_process(name, arguments, log, Lives::with_parent);
  children_.push_back({std::move(name), pid, log});
}

void Children::check() {
  for (auto child = children_.begin(); child != children_.end(); ++child) {
    int status = 0;
    if (::waitpid(child->pid, &status, WNOHANG) != child->pid) continue;
    Error error(Code::unavailable,
                "The process of " + child->name + " has ended. Its last words: " + last_words(child->log),
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
