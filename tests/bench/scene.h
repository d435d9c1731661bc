#pragma once
// A kernel with a messenger in the real world of this process, as benchmarks need it.
#include <kernel/host/kernel.h>
#include <kernel/messenger/messenger.h>
#include <kernel/world/live.h>

#include <argot/messenger.h>

#include <boost/asio/co_spawn.hpp>

namespace argot::bench {

/// The plugins of the build that this program belongs to.
std::shared_ptr<const kernel::Catalog> plugins();

/// Where kernels run; the loop turns while somebody calls run().
class Stage {
 public:
  Stage() : world(quiet()) {}
  /// Runs a coroutine to its end and gives what it gave, or throws what it threw.
  template <class T> T run(Task<T> task);
  /// Turns the loop until somebody calls world.stop().
  void run() { world.run(); }

  kernel::LiveWorld world;

 private:
  static kernel::LogOptions quiet() {
    kernel::LogOptions options;
    options.level = LogLevel::error;
    return options;
  }
};

/// One person's kernel, started, with one account.
class Client {
 public:
  /// `storage` is "sqlite" or "memory". `before_account` runs when the kernel has started. `way`: the lines of the
  /// profile that say how messages travel.
  Client(Stage& stage, const std::string& storage, std::filesystem::path data,
         std::function<void(kernel::Kernel&)> before_account = {}, const std::string& way = "  transport: loopback\n");
  /// Stops the kernel.
  ~Client();
  Client(const Client&) = delete;

  kernel::Kernel& kernel() { return *kernel_; }
  Lease<Messenger> messenger() { return kernel_->service<Messenger>().lease(); }
  Context& context() { return kernel_->host().context("messenger", "messenger"); }
  const AccountId& id() const { return id_; }

 private:
  Stage& stage_;
  std::unique_ptr<kernel::Kernel> kernel_;
  AccountId id_;
};

/// Puts an object of the benchmark where a plugin's was: calls go to it from now on. It must outlive the kernel.
/// `wrap` gets the plugin's object.
template <class T, class Wrap> void replace(kernel::Kernel& kernel, Wrap wrap) {
  for (Slot* slot : kernel.host().slots(T::interface_id)) {
    T* replacement = wrap(static_cast<T*>(slot->current->object));
    slot->current->object = replacement;
  }
}

template <class T> T Stage::run(Task<T> task) {
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(world.executor(), std::move(task), [&](std::exception_ptr e) {
      failure = e;
      world.stop();
    });
    world.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> result;
    asio::co_spawn(world.executor(), std::move(task), [&](std::exception_ptr e, T value) {
      failure = e;
      if (!e) result.emplace(std::move(value));
      world.stop();
    });
    world.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
}

}  // namespace argot::bench
