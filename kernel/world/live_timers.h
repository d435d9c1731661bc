#pragma once
// All waits of a live kernel behind one operating system timer, armed only for the earliest: an idle kernel sleeps
// until something is due, and a wait costs a push into a heap.
#include <kernel/world/cancel_hook.h>
#include <kernel/world/time_heap.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace argot::kernel {

class LiveTimers {
 public:
  using Clock = std::chrono::steady_clock;

  /// Times are since `origin`.
  LiveTimers(asio::io_context& loop, Clock::time_point origin);
  ~LiveTimers();
  /// See World::wait_until.
  void wait_until(Duration at, Handler<void(error_code)> done);
  std::size_t waiting() const { return heap_.size(); }

 private:
  class Wait;
  void arm();
  void expired();

  asio::io_context& loop_;
  Clock::time_point origin_;
  asio::steady_timer timer_;
  Duration armed_for_ = Duration::max();  ///< max: not armed
  TimeHeap heap_;
};

}  // namespace argot::kernel
