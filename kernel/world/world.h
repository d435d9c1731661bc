#pragma once
// What a kernel stands on: time, randomness, the loop, threads. One World per kernel; a live process has a
// LiveWorld, a simulation has many SimHosts on one virtual clock. Kernel code reaches the outside only through this.
#include <argot/bytes.h>
#include <argot/fabric.h>
#include <argot/task.h>

#include <functional>
#include <memory>
#include <span>

namespace argot::kernel {

class World {
 public:
  virtual ~World() = default;

  /// The kernel's loop. In a simulation every turn belongs to one host, so that a killed host's turns can be dropped.
  virtual asio::any_io_executor executor() = 0;
  virtual Time now() = 0;
  virtual Duration uptime() = 0;
  /// Completes on the loop at `uptime() >= at`; honours the handler's cancellation slot (operation_aborted).
  virtual void wait_until(Duration at, Handler<void(error_code)> done) = 0;
  /// Live: a small pool of worker threads, at most 1,000 waiting. Simulated: in line, charged to the virtual clock.
  virtual void run_off_loop(std::function<void()> work, Handler<void()> done) = 0;
  virtual void random(std::span<Byte> out) = 0;
  /// A rare path taken with this probability in a simulation; constant false when live.
  virtual bool chance(std::string_view name, double probability) = 0;
  /// See Context::shared.
  virtual std::shared_ptr<void>& shared(std::string_view key) = 0;
  /// The simulated medium; null when live.
  virtual Fabric* fabric() = 0;
  /// Where the log goes. `who` is the plugin's name.
  virtual void log(int level, std::string_view who, std::string_view text) = 0;
};

}  // namespace argot::kernel
