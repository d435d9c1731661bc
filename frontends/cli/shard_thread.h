#pragma once
// A kernel on a thread of its own, for profiles with "workers:". The kernel that starts it is the one on the main
// thread.
#include <kernel/host/gate.h>
#include <kernel/host/kernel.h>
#include <kernel/world/live.h>

#include <thread>

namespace argot::cli {

/// Made, used and destroyed on the main thread.
class ShardThread {
 public:
  /// `home`: the loop of the main thread. The thread is called "shard 2", for `top -H` and debuggers.
  ShardThread(int number, kernel::Profile profile, kernel::LogOptions log, asio::any_io_executor home);
  /// Waits for the thread; it must have ended, or never begun.
  ~ShardThread();

  /// Starts the kernel. Throws what its start threw.
  Task<> start();
  /// Told on the main thread when the kernel has ended although nobody asked it to.
  std::function<void()> on_end;
  /// Stops the kernel and returns when it is gone. Throws what ended it before, if something did.
  Task<> stop();

 private:
  void run();
  Task<> live(kernel::Kernel& kernel);
  void tell(std::function<void()> what);

  const int number_;
  kernel::Profile profile_;
  kernel::LiveWorld world_;
  asio::any_io_executor home_;
  kernel::Gate started_, ended_;      ///< of the main thread
  kernel::Kernel* kernel_ = nullptr;  ///< of the other thread
  std::exception_ptr failure_;        ///< written before ended_ is told, read after
  bool asked_ = false;
  std::thread thread_;
};

}  // namespace argot::cli
