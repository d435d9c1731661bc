#pragma once
// The world as a plugin sees it. Everything outside the process is reached through this: time, randomness,
// byte streams (through the Network service), threads, logging, configuration, other plugins. Code that
// reaches past it will not run in a simulation, and the conformance kit says so.
#include <argot/bytes.h>
#include <argot/service.h>
#include <argot/settings.h>
#include <argot/task.h>

#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace argot {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// One per plugin instance, owned by the host, alive from before start() until after stop().
/// Everything started through it (coroutines, waits, offloaded work) belongs to the instance: after stop()
/// the host cancels what is left and names the plugin that left it.
/// Not thread-safe: call only on the kernel's loop (inside coroutines and callbacks you always are).
class ARGOT_API Context {
 public:
  virtual ~Context();

  /// The instance's name in this kernel, e.g. "swarm".
  virtual const std::string& name() const = 0;
  virtual const Settings& settings() const = 0;

  // --- time ---
  virtual Time now() const = 0;
  /// Monotonic time since some fixed moment; use it to measure and to set deadlines.
  virtual Duration uptime() const = 0;
  /// Calls `done` at `uptime() >= at`, or with operation_aborted when cancelled (its slot) or at stop.
  virtual void wait_until(Duration at, Handler<void(error_code)> done) = 0;
  /// Returns after `time`; throws Error(cancelled) when the instance stops.
  Task<> sleep(Duration time);

  // --- running things ---
  virtual asio::any_io_executor executor() = 0;
  /// Runs a coroutine owned by this instance. An exception that leaves it is logged with `what`.
  virtual void spawn(std::string what, Task<> task) = 0;
  /// Runs `work` off the loop (a worker thread; in simulation in line), then `done` on the loop. `work` must not
  /// touch anything of the kernel. Use offload() below.
  virtual void run_off_loop(std::function<void()> work, Handler<void()> done) = 0;
  /// co_await ctx.offload([&]{ return expensive(); }): for work over about a millisecond.
  /// Name the function object first: `auto job = [..]{..}; co_await ctx.offload(std::move(job));`
  template <class F> Task<std::invoke_result_t<F&>> offload(F work);

  // --- randomness: cryptographically strong live, repeatable in simulation ---
  virtual void random(std::span<Byte> out) = 0;
  std::uint64_t random_number();
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t random_below(std::uint64_t bound);
  /// A rare path that a simulation may take with this probability: constant false when live.
  virtual bool chance(std::string_view name, double probability) = 0;

  // --- others ---
  /// The slot of an interface; throws Error(not_found) when no plugin of this kernel provides it. An
  /// interface that the descriptor does not require may be absent: try_slots.
  virtual Slot& slot(std::string_view interface_id) = 0;
  /// All slots of an interface, in the order of the profile (a kernel has one transport but may have many suites).
  virtual std::vector<Slot*> slots(std::string_view interface_id) = 0;
  template <class T> Handle<T> service() { return Handle<T>(&slot(T::interface_id)); }
  template <class T> std::vector<Handle<T>> services() {
    std::vector<Handle<T>> out;
    for (Slot* s : slots(T::interface_id)) out.emplace_back(s);
    return out;
  }

  // --- keeping things ---
  /// A directory of this instance's own (made on first use), for files that outlive the process.
  virtual std::filesystem::path data_dir() = 0;
  /// An object shared by all kernels of one world (one process, or one simulation) under a name; null until
  /// somebody sets it. It outlives this instance and its kernel: what plays the disk or the wire in a simulation.
  /// Its destructor must be code that stays mapped: fine for plugins, which stay mapped by default.
  virtual std::shared_ptr<void>& shared(std::string_view key) = 0;

  // --- telling ---
  /// Never log secrets or message content.
  virtual void log(LogLevel level, std::string_view text) = 0;
  void debug(std::string_view text) { log(LogLevel::debug, text); }
  void info(std::string_view text) { log(LogLevel::info, text); }
  void warn(std::string_view text) { log(LogLevel::warning, text); }
  /// Asks the kernel to stop (an app that is finished). `code`: the process's exit code.
  virtual void request_stop(int code) = 0;
};

/// Runs `on_expiry` (close a stream, say) unless destroyed before: bounds an operation in time.
class ARGOT_API Deadline {
 public:
  Deadline(Context& ctx, Duration time, std::function<void()> on_expiry);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  bool expired() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

template <class F> Task<std::invoke_result_t<F&>> Context::offload(F work) {
  using R = std::invoke_result_t<F&>;
  std::exception_ptr failure;
  auto wait = [this](std::function<void()> job) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler, std::function<void()> f) {
          run_off_loop(std::move(f), Handler<void()>(std::move(handler)));
        },
        asio::use_awaitable, std::move(job));
  };
  if constexpr (std::is_void_v<R>) {
    std::function<void()> job = [&] {
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
    };
    co_await wait(std::move(job));
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<R> result;
    std::function<void()> job = [&] {
      try {
        result.emplace(work());
      } catch (...) {
        failure = std::current_exception();
      }
    };
    co_await wait(std::move(job));
    if (failure) std::rethrow_exception(failure);
    co_return std::move(*result);
  }
}

}  // namespace argot
