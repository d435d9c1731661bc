#pragma once
// Real time and real sockets on a loop of the test's own.
#include "os_network.h"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace argot::os {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Real time on a real loop; nothing else.
class RealContext final : public Context {
 public:
  explicit RealContext(asio::io_context& loop) : loop_(loop) { settings_.set("connect_timeout", Duration(10s)); }
  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Settings& change_settings() { return settings_; }
  Time now() const override { return Time(); }
  Duration uptime() const override {
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
  }
  void wait_until(Duration at, Handler<void(error_code)> done) override {
    auto timer = std::make_shared<asio::steady_timer>(loop_, std::chrono::steady_clock::time_point(at));
    auto* t = timer.get();
    auto keep = [timer, h = std::make_shared<Handler<void(error_code)>>(std::move(done))](error_code e) {
      std::move (*h)(e);
    };
    t->async_wait(std::move(keep));
  }
  asio::any_io_executor executor() override { return loop_.get_executor(); }
  void spawn(std::string, Task<> task) override {
    asio::co_spawn(loop_, std::move(task), [](std::exception_ptr) {});
  }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    work();
    asio::post(loop_, std::move(done));
  }
  void random(std::span<Byte>) override {}
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view) override { throw Error(Code::not_found, "no slot"); }
  std::vector<Slot*> slots(std::string_view) override { return {}; }
  std::filesystem::path data_dir() override { return {}; }
  std::shared_ptr<void>& shared(std::string_view) override { return shared_; }
  void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  void request_stop(int) override {}
  std::vector<std::string> lines;

 private:
  asio::io_context& loop_;
  std::string name_ = "os";
  Settings settings_;
  std::shared_ptr<void> shared_;
};

class OsNetworkTest : public testing::Test {
 public:
  OsNetworkTest() { run(network.start(ctx)); }
  template <class T> T run(Task<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::conditional_t<std::is_void_v<T>, int, std::optional<T>> result{};
    if constexpr (std::is_void_v<T>)
      asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e) { failure = e, done = true; });
    else
      asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
        failure = e, done = true;
        result.emplace(std::move(value));
      });
    loop.restart();
    while (!done && loop.run_one()) continue;
    if (!done) throw Error(Code::internal, "The coroutine waits for something that never comes.");
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <class T> Error error_of(Task<T> task) {
    try {
      run(std::move(task));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(Code::internal, "");
  }
  asio::io_context loop;
  RealContext ctx{loop};
  OsNetwork network;
};

}  // namespace argot::os
