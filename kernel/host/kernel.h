#pragma once
// A kernel: a world, a profile, and the plugins that the profile names, running.
//
//   LiveWorld world;
//   Profile profile = Profile::load("config/local-client.yaml");
//   Kernel kernel(world, profile, Catalog::standard(profile.plugin_path));
//   co_await kernel.start();
//   int code = co_await kernel.wait_for_stop();
//   co_await kernel.stop();
#include <kernel/host/host.h>

namespace argot::kernel {

/// Not thread-safe: everything on the world's loop, construction and destruction too.
class Kernel {
 public:
  /// `world` must outlive the kernel. Thousands of kernels may share one catalog.
  Kernel(World& world, Profile profile, std::shared_ptr<const Catalog> catalog);
  Kernel(World& world, Profile profile, Catalog catalog);
  /// Safe at any time but from inside one of its own turns. Without stop() it is as if the machine had lost power:
  /// nothing of its plugins runs but destructors.
  ~Kernel();

  /// Loads and starts everything; throws one Error that says all that is wrong. See Host::start.
  Task<> start();
  /// Stops everything in reverse order. May be called when start() failed, and twice.
  Task<> stop();
  /// Returns when a plugin asks the kernel to stop (Context::request_stop), with the exit code it gave. One waiter.
  Task<int> wait_for_stop();
  /// The same from outside, for instance on SIGTERM.
  void request_stop(int code);
  /// What was asked for first; nothing as long as nobody asked.
  std::optional<int> exit_code() const { return exit_code_; }

  Host& host() { return host_; }
  World& world() { return host_.world(); }
  template <class T> Handle<T> service() { return host_.service<T>(); }

 private:
  Host host_;
  Gate stop_asked_;
  std::optional<int> exit_code_;
};

}  // namespace argot::kernel
