#include "sandbox.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <system_error>

namespace argot::media {
namespace {

/// libargot.so is mapped from where it is installed; plugins are not (they are opened as copies).
std::filesystem::path beside_the_library() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&name_of), &info) == 0 || !info.dli_fname) return {};
  std::error_code ignored;
  return std::filesystem::canonical(info.dli_fname, ignored).parent_path() / "argot" / "decoders";
}

struct Descriptor {
  explicit Descriptor(int fd) : fd(fd) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  void close_now() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int fd;
};

/// posix_spawn's two option objects, with what keeps this process's things out of the decoder.
struct SpawnPlan {
  SpawnPlan(int socket) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, socket, 0);
    posix_spawn_file_actions_adddup2(&files, socket, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C in a terminal is the kernel's business
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

[[noreturn]] void no_process(const std::string& program, int why) {
  throw Error(Code::unavailable, "The decoder " + program + " cannot be started: " + std::strerror(why) + ".",
              "Check that it may be executed and that processes and memory are left.");
}

}  // namespace

/// One process. run() on a worker thread; kill() from the loop at any time.
class Sandbox::Child {
 public:
  enum class End { answered, crashed, too_long, unconfined };
  struct Result {
    End end = End::crashed;
    int signal = 0;
    Bytes answer;
  };

  void kill(bool on_purpose) {
    std::lock_guard lock(mutex_);
    (on_purpose ? cancelled_ : late_) = true;
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }
  bool cancelled() const { return cancelled_; }  ///< on the loop, like kill()
  bool late() const { return late_; }

  Result run(const std::string& program, const SandboxLimits& limits, const Bytes& request, std::uint64_t most) {
    int both[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) no_process(program, errno);
    Descriptor ours(both[0]), theirs(both[1]);
    start(program, limits, theirs.fd);
    theirs.close_now();
    Result out;
    if (!exchange(ours.fd, request, most, out.answer)) out.end = End::too_long;
    ours.close_now();
    if (out.end == End::too_long) kill_quietly();
    return reap(std::move(out));
  }

 private:
  void start(const std::string& program, const SandboxLimits& limits, int socket) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limits.time).count();
    // The decoder's own alarm is for a kernel whose time does not pass while it waits: a simulated one.
    std::string memory = std::to_string(limits.memory_mb), cpu = std::to_string(ms / 1000 + 1),
                wall = std::to_string(2 * ms), name = program;
    char* arguments[] = {name.data(), memory.data(), cpu.data(), wall.data(), nullptr};
    char* environment[] = {nullptr};
    const SpawnPlan plan(socket);
    std::lock_guard lock(mutex_);
    if (cancelled_ || late_) return;
    if (const int why = posix_spawn(&pid_, program.c_str(), &plan.files, &plan.attributes, arguments, environment)) {
      pid_ = -1;
      no_process(program, why);
    }
  }

  /// Sends and receives until the decoder closes its end. False: it said more than any answer has.
  static bool exchange(int fd, ByteView request, std::uint64_t most, Bytes& answer) {
    constexpr std::size_t step = 1 << 18;
    Bytes buffer(step);
    for (bool sending = true;;) {
      pollfd ready{fd, static_cast<short>(POLLIN | (sending ? POLLOUT : 0)), 0};
      if (poll(&ready, 1, -1) < 0 && errno != EINTR) return true;
      if (sending && (ready.revents & (POLLOUT | POLLERR | POLLHUP))) {
        const ssize_t put = send(fd, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put > 0) request = request.subspan(static_cast<std::size_t>(put));
        const bool gone = put < 0 && errno != EAGAIN && errno != EINTR;
        if (request.empty() || gone) {
          sending = false;
          shutdown(fd, SHUT_WR);  // a decoder that wants more reads the end, instead of waiting
        }
      }
      if (!(ready.revents & (POLLIN | POLLHUP | POLLERR))) continue;
      const ssize_t got = recv(fd, buffer.data(), step, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return true;
      if (got < 0) continue;
      if (answer.size() + static_cast<std::size_t>(got) > most) return false;
      answer.insert(answer.end(), buffer.begin(), buffer.begin() + got);
    }
  }

  void kill_quietly() {
    std::lock_guard lock(mutex_);
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }

  Result reap(Result out) {
    if (pid_ <= 0) return out;  // was cancelled before it began
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
    std::lock_guard lock(mutex_);  // from here its number may be somebody else's
    int status = 0;
    const bool known = waitpid(pid_, &status, 0) == pid_;
    pid_ = -1;
    if (!known) return out;
    if (out.end == End::too_long) return out;
    if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) out.end = End::answered;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3) out.end = End::unconfined;
    return out;
  }

  std::mutex mutex_;
  pid_t pid_ = -1;
  bool cancelled_ = false, late_ = false;
};

Sandbox::Sandbox(Context& ctx, std::string program, std::filesystem::path folder, SandboxLimits limits)
    : ctx_(ctx), program_((folder.empty() ? beside_the_library() : folder) / program), limits_(limits) {
  if (::access(program_.c_str(), X_OK) != 0)
    throw Error(Code::not_found, "The decoder " + program_.string() + " is not there, or may not be executed.",
                "Install Argot whole, or name the folder with the decoders in the option decoders.");
}

Sandbox::~Sandbox() { stop(); }

void Sandbox::stop() {
  stopped_ = true;
  for (const auto& child : children_) child->kill(true);
  for (Handler<void()>& next : waiting_) asio::post(ctx_.executor(), std::move(next));
  waiting_.clear();
}

Task<> Sandbox::take_turn() {
  const Error stopping(Code::cancelled, "The media plugin is stopping.");
  if (stopped_) throw stopping;
  if (taken_ < limits_.at_once) {
    ++taken_;
    co_return;
  }
  if (waiting_.size() >= limits_.waiting)
    throw Error(Code::resource_exhausted,
                std::to_string(waiting_.size()) + " attachments already wait for a decoder of this kind.",
                "Try again when some of them are done.");
  auto begin = [this](auto handler) { waiting_.emplace_back(std::move(handler)); };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(begin, asio::use_awaitable);
  if (stopped_) throw stopping;  // otherwise the turn was handed over
}

void Sandbox::give_turn() {
  if (stopped_ || waiting_.empty()) {
    --taken_;
    return;
  }
  Handler<void()> next = std::move(waiting_.front());
  waiting_.pop_front();
  asio::post(ctx_.executor(), std::move(next));
}

Task<Answer> Sandbox::run(std::string name, Request request) {
  if (request.data.size() > max_input)
    throw Error(Code::resource_exhausted, name + " is larger than 10 MiB.", "Send a smaller one.");
  co_await take_turn();
  auto child = std::make_shared<Child>();
  children_.insert(child);
  struct Turn {
    Sandbox& sandbox;
    std::shared_ptr<Child> child;
    ~Turn() {
      sandbox.children_.erase(child);
      sandbox.give_turn();
    }
  } turn{*this, child};

  const std::string program = program_.string();
  const SandboxLimits limits = limits_;
  const std::uint64_t most = max_answer(request.max_output), max_output = request.max_output;
  Deadline deadline(ctx_, limits.time, [weak = std::weak_ptr<Child>(child)] {
    if (auto one = weak.lock()) one->kill(false);
  });
  Child::Result result;
  std::exception_ptr failure;
  std::function<void()> job = [&] {  // this coroutine stays where it is until the job is done
    try {
      const Bytes bytes = encode(request);
      request.data = Bytes();
      result = child->run(program, limits, bytes, most);
    } catch (...) {
      failure = std::current_exception();
    }
  };
  // Not Context::offload: what it waits with would take the slot, and cancelling could not reach the process.
  auto slot = (co_await asio::this_coro::cancellation_state).slot();
  if (slot.is_connected())
    slot.assign([weak = std::weak_ptr<Child>(child)](asio::cancellation_type) {
      if (auto one = weak.lock()) one->kill(true);
    });
  auto begin = [this](auto handler, std::function<void()> work) {
    ctx_.run_off_loop(std::move(work),
                      Handler<void()>(asio::bind_cancellation_slot(asio::cancellation_slot(), std::move(handler))));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(begin, asio::use_awaitable, std::move(job));
  if (slot.is_connected()) slot.clear();
  if (failure) std::rethrow_exception(failure);

  if (stopped_ || child->cancelled()) throw Error(Code::cancelled, "Decoding was cancelled.");
  if (child->late() || result.signal == SIGXCPU || result.signal == SIGALRM)
    throw Error(Code::timeout,
                name + " took longer to decode than " +
                    std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(limits.time).count()) + " ms.",
                "Send a smaller or simpler one.");
  if (result.end == Child::End::unconfined)
    throw Error(Code::unavailable, "The decoder " + program + " could not confine itself, so it did not start.",
                "Decoding needs a Linux kernel with seccomp filters.");
  if (result.end == Child::End::too_long)
    throw Error(Code::corrupt, name + " made its decoder say more than an answer may have, so it was stopped.");
  if (result.end == Child::End::crashed)
    throw Error(Code::corrupt,
                name + " made its decoder end by signal " + std::to_string(result.signal) +
                    (result.signal == SIGSYS ? " (it tried something that decoders may not)." : "."),
                "The file is damaged or was made to attack; nothing else was affected.");
  auto answer = decode_answer(result.answer, max_output);
  if (!answer) throw Error(Code::corrupt, name + " made its decoder give no sensible answer.");
  const std::string sentence = name + " " + answer->text + ".";
  if (answer->status == Status::corrupt) throw Error(Code::corrupt, sentence, "Send an intact file.");
  if (answer->status == Status::too_large) throw Error(Code::resource_exhausted, sentence, "Send a smaller one.");
  if (answer->status == Status::unsupported)
    throw Error(Code::invalid_argument, sentence, "Convert it to a common format first.");
  co_return std::move(*answer);
}

std::unique_ptr<Sandbox> make_sandbox(Context& ctx, std::string program) {
  const Settings& settings = ctx.settings();
  SandboxLimits limits;
  const std::int64_t memory = settings.number("memory") >> 20;
  limits.time = settings.duration("time");
  if (memory < 64 || memory > 65536)
    throw Error(Code::invalid_argument, "The option memory of " + ctx.name() + " is not between 64MiB and 64GiB.");
  if (limits.time < std::chrono::milliseconds(100) || limits.time > std::chrono::hours(1))
    throw Error(Code::invalid_argument, "The option time of " + ctx.name() + " is not between 100ms and 1h.");
  limits.memory_mb = static_cast<unsigned>(memory);
  const std::filesystem::path folder = settings.has("decoders") ? settings.text("decoders") : std::string();
  return std::make_unique<Sandbox>(ctx, std::move(program), folder, limits);
}

}  // namespace argot::media
