#include <argot/wakeup.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot {

struct Wakeup::State {
  asio::any_io_executor executor;
  bool notified = false;
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

Wakeup::Wakeup(Context& ctx) : ctx_(ctx), state_(std::make_shared<State>()) { state_->executor = ctx.executor(); }
Wakeup::~Wakeup() {
  state_->waiter = nullptr;
  state_->timer.emit(asio::cancellation_type::terminal);
}

void Wakeup::notify() {
  state_->notified = true;
  state_->fire();
}

Task<> Wakeup::wait(std::optional<Duration> deadline) {
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
        ctx->wait_until(*at,
                        asio::bind_cancellation_slot(state->timer.slot(), [weak, round = state->round](error_code) {
                          auto s = weak.lock();
                          if (s && s->round == round) s->fire();
                        }));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(begin), asio::use_awaitable, &ctx_,
                                                                         state_, deadline);
    state_->notified = false;
  }
}

}  // namespace argot
