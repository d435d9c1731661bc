#pragma once
// The smallest world a kernel can stand on: an io_context for the ready queue and a clock that jumps to the next timer
// when nothing is ready. For tests of the host; simulations use SimWorld.
#include <kernel/world/world.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>

#include <argot/error.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace argot::kernel {

class TestWorld final : public World {
 public:
  asio::any_io_executor executor() override { return io_.get_executor(); }
  Time now() override { return Time(std::chrono::hours(480'000)) + clock_; }
  Duration uptime() override { return clock_; }
  void wait_until(Duration at, Handler<void(error_code)> done) override {
    auto timer = std::make_shared<Timer>();
    done.swap(timer->done);
    auto key = std::make_pair(at, sequence_++);
    if (auto slot = asio::get_associated_cancellation_slot(timer->done); slot.is_connected())
      slot.assign([this, key](asio::cancellation_type) { fire(key, asio::error::operation_aborted); });
    timers_.emplace(key, timer);
  }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    if (hold_jobs) {
      held_.emplace_back(std::move(work), std::move(done));
      return;
    }
    work();
    asio::post(io_, std::move(done));
  }
  void random(std::span<Byte> out) override {
    for (Byte& b : out) b = static_cast<Byte>(next_random_ = next_random_ * 6364136223846793005u + 1);
  }
  bool chance(std::string_view, double) override { return false; }
  std::shared_ptr<void>& shared(std::string_view key) override { return shared_[std::string(key)]; }
  Fabric* fabric() override { return fabric_; }
  void log(int level, std::string_view who, std::string_view text) override {
    static constexpr const char* names[] = {"debug", "info", "warning", "error"};
    logged.push_back(std::string(names[level]) + " " + std::string(who) + ": " + std::string(text));
  }

  /// Runs everything that is ready, and nothing that waits for time.
  void poll() {
    io_.restart();
    io_.poll();
  }
  /// Runs turns and timers until `task` ends; gives what it gives or throws what it throws.
  void run(Task<> task) {
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(io_, std::move(task), [&](std::exception_ptr e) {
      failure = e;
      done = true;
    });
    while (!done) step();
    if (failure) std::rethrow_exception(failure);
  }
  /// Runs one turn, or the next timer when none is ready.
  void step() {
    io_.restart();
    if (io_.poll_one() > 0) return;
    if (timers_.empty()) throw std::logic_error("the test waits for something that will never come");
    fire(timers_.begin()->first, {});
  }
  /// Runs for so much virtual time.
  void run_for(Duration time) {
    Duration end = clock_ + time;
    for (poll(); !timers_.empty() && timers_.begin()->first.first <= end; poll()) fire(timers_.begin()->first, {});
    clock_ = end;
  }
  bool logged_like(std::string_view part) const {
    for (const std::string& line : logged)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }

  std::vector<std::string> logged;
  std::size_t timers() const { return timers_.size(); }
  bool hold_jobs = false;
  std::vector<std::pair<std::function<void()>, Handler<void()>>> held_;
  Fabric* fabric_ = nullptr;

 private:
  struct Timer {
    Handler<void(error_code)> done;
  };
  using Key = std::pair<Duration, std::uint64_t>;
  void fire(Key key, error_code failure) {
    auto found = timers_.find(key);
    if (found == timers_.end()) return;
    auto timer = std::move(found->second);
    timers_.erase(found);
    if (!failure) clock_ = std::max(clock_, key.first);
    asio::post(io_, [timer, failure] { std::move(timer->done)(failure); });
  }
  asio::io_context io_{1};
  std::map<Key, std::shared_ptr<Timer>> timers_;
  Duration clock_{};
  std::uint64_t sequence_ = 0, next_random_ = 1;
  std::map<std::string, std::shared_ptr<void>> shared_;
};

}  // namespace argot::kernel
