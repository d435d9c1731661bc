#pragma once
// A Context without a kernel: virtual time, repeatable randomness, no other plugins. For tests of one plugin.
#include <argot/context.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <map>
#include <string>
#include <vector>

namespace argot::kit {

/// What several contexts of one world have in common: time and what plays the disk.
struct BareWorld {
  asio::io_context loop;
  Duration uptime{0};
  Time start = from_ms(1'700'000'000'000);
  std::map<std::string, std::shared_ptr<void>, std::less<>> shared;
  std::multimap<Duration, std::shared_ptr<Handler<void(error_code)>>> waits;

  BareWorld() = default;
  BareWorld(const BareWorld&) = delete;
  /// What waits is destroyed while the loop still takes what that sets free.
  ~BareWorld();
  /// Runs everything that is ready, or the next wait when nothing is. False when nothing is left.
  bool step();
  /// Runs until nothing is left to do; time jumps from wait to wait.
  void run() {
    while (step()) continue;
  }
  /// Lets time pass.
  void pass(Duration time);
};

class BareContext : public Context {
 public:
  explicit BareContext(BareWorld& world, std::uint64_t seed = 1, std::string name = "test");
  ~BareContext() override;

  /// Runs a coroutine to its end and gives what it gave, or throws what it threw.
  template <class T> T run(Task<T> task);

  std::vector<std::string> lines;  ///< what was logged
  /// Services by interface: fill in what the plugin needs.
  std::map<std::string, Slot, std::less<>> provided;

  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Settings& change_settings() { return settings_; }
  Time now() const override { return world_.start + world_.uptime; }
  Duration uptime() const override { return world_.uptime; }
  void wait_until(Duration at, Handler<void(error_code)> done) override;
  asio::any_io_executor executor() override { return world_.loop.get_executor(); }
  void spawn(std::string what, Task<> task) override;
  void run_off_loop(std::function<void()> work, Handler<void()> done) override;
  void random(std::span<Byte> out) override;
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view interface_id) override;
  std::vector<Slot*> slots(std::string_view interface_id) override;
  std::filesystem::path data_dir() override { return data_dir_; }
  void set_data_dir(std::filesystem::path path) { data_dir_ = std::move(path); }
  std::shared_ptr<void>& shared(std::string_view key) override { return world_.shared[std::string(key)]; }
  void log(LogLevel level, std::string_view text) override;
  void request_stop(int code) override;

 private:
  BareWorld& world_;
  std::string name_;
  Settings settings_;
  std::filesystem::path data_dir_;
  std::uint64_t seed_, drawn_ = 0;
};

template <class T> T BareContext::run(Task<T> task) {
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    bool done = false;
    asio::co_spawn(world_.loop, std::move(task), [&](std::exception_ptr e) { failure = e, done = true; });
    world_.run();
    if (failure) std::rethrow_exception(failure);
    if (!done) throw Error(Code::internal, "The coroutine waits for something that never comes.");
  } else {
    std::optional<T> result;
    asio::co_spawn(world_.loop, std::move(task), [&](std::exception_ptr e, T value) {
      failure = e;
      result.emplace(std::move(value));
    });
    world_.run();
    if (failure) std::rethrow_exception(failure);
    if (!result) throw Error(Code::internal, "The coroutine waits for something that never comes.");
    return std::move(*result);
  }
}

}  // namespace argot::kit
