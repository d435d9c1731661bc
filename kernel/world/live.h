#pragma once
// The real world: one loop on the thread that calls run(), the system's clocks, the system's randomness, two worker
// threads. The only place of the kernel that touches any of them.
#include <kernel/world/live_log.h>
#include <kernel/world/live_timers.h>
#include <kernel/world/worker_pool.h>
#include <kernel/world/world.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>

namespace argot::kernel {

/// Use from one thread, the one that calls run(); only stop() may be called from any. A kernel that stands on it is
/// destroyed first.
class LiveWorld final : public World {
 public:
  explicit LiveWorld(LogOptions log = {});
  ~LiveWorld() override;

  /// Runs the loop until stop(), even when there is nothing to do. May be called again afterwards. An exception that
  /// leaves a callback comes out here; the loop can be run on.
  void run();
  /// Runs what is ready now, without waiting. For tests and for programs that have a loop of their own.
  void poll();
  /// run() returns after the callback that runs now. From any thread.
  void stop();

  /// Calls `f` on the loop with the signal's number at each SIGINT and SIGTERM, from now on.
  void on_stop_signal(std::function<void(int)> f);
  LiveLog& logger() { return log_; }

  asio::any_io_executor executor() override { return executor_; }
  Time now() override;
  Duration uptime() override;
  void wait_until(Duration at, Handler<void(error_code)> done) override;
  void run_off_loop(std::function<void()> work, Handler<void()> done) override;
  void random(std::span<Byte> out) override;
  bool chance(std::string_view, double) override { return false; }
  std::shared_ptr<void>& shared(std::string_view key) override;
  Fabric* fabric() override { return nullptr; }
  void log(int level, std::string_view who, std::string_view text) override;

 private:
  void warm_up();
  void await_signal();

  // What was made last is destroyed first: workers end while the loop still takes their results, and the loop drops
  // what waits in it before the shared objects go.
  std::map<std::string, std::shared_ptr<void>, std::less<>> shared_;
  LiveLog log_;
  LiveTimers::Clock::time_point origin_;
  asio::io_context loop_;
  asio::any_io_executor executor_;
  std::atomic<bool> stopped_ = false;
  asio::signal_set signals_;
  std::function<void(int)> on_signal_;
  LiveTimers timers_;
  WorkerPool workers_;
};

}  // namespace argot::kernel
