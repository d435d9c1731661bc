#include "process.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace argot::e2e {
namespace {

using Clock = std::chrono::steady_clock;

std::string program() {
  const char* build = std::getenv("ARGOT_BUILD_DIR");
  return std::filesystem::absolute(build ? build : ".") / "bin" / "argot";
}

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read = ends[0];
    write = ends[1];
  }
};

void close(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, Launch launch) {
  const std::string file = program();
  std::vector<std::string> words{file};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  // Only what the program may know of its surroundings: a developer's own settings must not change a test.
  std::vector<std::string> environment{"HOME=" + launch.home.string(), "LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  environment.insert(environment.end(), launch.environment.begin(), launch.environment.end());
  std::vector<char*> envp;
  for (std::string& variable : environment) envp.push_back(variable.data());
  envp.push_back(nullptr);

  Pipe in, out, err;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(in.read, 0);
    ::dup2(out.write, 1);
    ::dup2(err.write, 2);
    if (launch.in_child) launch.in_child();
    ::execve(file.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  close(in.read);
  close(out.write);
  close(err.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  ::fcntl(out_, F_SETFL, O_NONBLOCK);
  ::fcntl(err_, F_SETFL, O_NONBLOCK);
  if (!launch.input.empty()) type(launch.input);
  if (!launch.keep_input) close_input();
}

Process::~Process() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    reap();
  }
  close(in_);
  close(out_);
  close(err_);
}

bool Process::type(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(in_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += std::size_t(n);
  }
  return true;
}

void Process::close_input() { close(in_); }

bool Process::read_some(Clock::time_point end) {
  if (out_ < 0 && err_ < 0) return false;
  pollfd ends[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
  if (left <= 0) return false;
  if (::poll(ends, 2, int(left)) <= 0) return errno == EINTR;
  for (int i = 0; i < 2; ++i) {
    if (!ends[i].revents) continue;
    char chunk[65536];
    int& from = i == 0 ? out_ : err_;
    const ssize_t n = ::read(from, chunk, sizeof chunk);
    if (n > 0)
      (i == 0 ? result_.out : result_.err).append(chunk, std::size_t(n));
    else if (n == 0 || errno != EAGAIN)
      close(from);
  }
  return true;
}

bool Process::wait_for(const std::string& text, std::size_t times) {
  const auto end = Clock::now() + patience;
  auto reached = [&] { return count(result_.out, text) + count(result_.err, text) >= times; };
  while (!reached())
    if (!read_some(end)) {
      ADD_FAILURE() << "waited in vain for \"" << text << "\"; " << said();
      return false;
    }
  return true;
}

void Process::signal(int number) {
  if (!ended_) ::kill(pid_, number);
}

void Process::reap() {
  if (std::exchange(ended_, true)) return;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  result_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result Process::kill() {
  signal(SIGKILL);
  return finish();
}

Result Process::finish() {
  const auto end = Clock::now() + patience;
  while (read_some(end)) continue;
  if (Clock::now() >= end) {
    ADD_FAILURE() << "it does not end; " << said();
    signal(SIGKILL);
  }
  reap();
  return result_;
}

Result run(const std::vector<std::string>& arguments, Launch launch) {
  Process process(arguments, std::move(launch));
  return process.finish();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

}  // namespace argot::e2e
