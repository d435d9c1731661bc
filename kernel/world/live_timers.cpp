#include <kernel/world/live_timers.h>

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>

namespace argot::kernel {

class LiveTimers::Wait final : public Timed, public Cancellable {
 public:
  Wait(LiveTimers& timers, Handler<void(error_code)> done) : timers_(timers), done_(std::move(done)) { hook_to(done_); }
  void complete(error_code result) {
    unhook();
    asio::post(timers_.loop_, asio::append(std::move(done_), result));
  }
  void cancelled() override {
    complete(asio::error::operation_aborted);
    timers_.heap_.cancel(this);
  }

 private:
  LiveTimers& timers_;
  Handler<void(error_code)> done_;
};

LiveTimers::LiveTimers(asio::io_context& loop, Clock::time_point origin) : loop_(loop), origin_(origin), timer_(loop) {}

LiveTimers::~LiveTimers() = default;

void LiveTimers::wait_until(Duration at, Handler<void(error_code)> done) {
  heap_.push(at.count(), new Wait(*this, std::move(done)));
  if (at < armed_for_) arm();
}

// A wait that was cancelled may leave the timer armed too early: one wake-up that finds nothing, cheaper than
// asking the system to re-arm with every deadline that is taken back.
void LiveTimers::arm() {
  if (heap_.empty()) {
    armed_for_ = Duration::max();
    return;
  }
  armed_for_ = Duration(heap_.next());
  timer_.expires_at(origin_ + armed_for_);
  timer_.async_wait([this](error_code failure) {
    if (!failure) expired();  // aborted: armed anew, or the end
  });
}

void LiveTimers::expired() {
  const Duration now = std::chrono::floor<Duration>(Clock::now() - origin_);
  while (!heap_.empty() && heap_.next() <= now.count()) {
    std::unique_ptr<Timed> due(heap_.pop());
    static_cast<Wait&>(*due).complete({});
  }
  arm();
}

}  // namespace argot::kernel
