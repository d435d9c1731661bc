#include <argot/doorbell.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot {

struct Doorbell::State {
  asio::any_io_executor executor;
  bool notified = false;
  bool aborted = false;     // the host has cut the wait short: the instance stops
  std::uint64_t round = 0;  // which wait a timer belongs to
  Handler<void()> waiter;
  asio::cancellation_signal timer;

  void fire() {
    if (!waiter) return;
    ++round;
    asio::post(executor, std::move(waiter));
    waiter = nullptr;
    timer.emit(asio::cancellation_type::terminal);
  }
};

Doorbell::Doorbell(Context& ctx) : ctx_(ctx), state_(std::make_shared<State>()) { state_->executor = ctx.executor(); }
Doorbell::~Doorbell() {
  state_->waiter = nullptr;
  state_->timer.emit(asio::cancellation_type::terminal);
}

void Doorbell::ring() {
  state_->notified = true;
  state_->fire();
}

Task<> Doorbell::wait(std::optional<Duration> deadline) {
  if (!std::exchange(state_->notified, false)) {
    auto begin = [](auto handler, Context* ctx, std::shared_ptr<State> state, std::optional<Duration> at) {
      Handler<void()>(std::move(handler)).swap(state->waiter);  // Boost 1.81: move assignment recurses for ever
      auto slot = asio::get_associated_cancellation_slot(state->waiter);
      std::weak_ptr<State> weak = state;
      if (slot.is_connected())
        slot.assign([weak](asio::cancellation_type) {
          if (auto s = weak.lock()) s->fire();
        });
      if (at)
        ctx->wait_until(
            *at, asio::bind_cancellation_slot(state->timer.slot(), [weak, round = state->round](error_code failure) {
              auto s = weak.lock();
              if (!s || s->round != round) return;
              s->aborted = static_cast<bool>(failure);
              s->fire();
            }));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(begin), asio::use_awaitable, &ctx_,
                                                                         state_, deadline);
    state_->notified = false;
    // As Context::sleep: whoever waits in a loop would otherwise spin, since the next wait is refused too.
    if (std::exchange(state_->aborted, false))
      throw Error(Code::cancelled, "The wait was ended because its plugin stops.");
  }
}

}  // namespace argot
