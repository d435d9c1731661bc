#include "watchdog.h"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::http {

struct Watchdog::State {
  State(Context& c, std::function<void()> b) : ctx(c), bark(std::move(b)) {}
  Context& ctx;
  std::function<void()> bark;
  Duration due = Duration::max();    // when to bark
  Duration armed = Duration::max();  // when the pending timer fires; max: none
  bool barked = false, ended = false;
  asio::cancellation_signal cancel;
};

Watchdog::Watchdog(Context& ctx, std::function<void()> bark) : state_(std::make_shared<State>(ctx, std::move(bark))) {}

Watchdog::~Watchdog() {
  state_->ended = true;
  state_->bark = nullptr;
  state_->cancel.emit(asio::cancellation_type::terminal);
}

bool Watchdog::barked() const { return state_->barked; }
void Watchdog::off() { state_->due = Duration::max(); }

void Watchdog::set(Duration from_now) {
  state_->due = state_->ctx.uptime() + from_now;
  if (state_->due >= state_->armed) return;  // the pending timer will look again
  if (state_->armed != Duration::max()) state_->cancel.emit(asio::cancellation_type::terminal);
  arm(state_);
}

void Watchdog::arm(std::shared_ptr<State> state) {
  const Duration at = state->armed = state->due;
  state->ctx.wait_until(at, asio::bind_cancellation_slot(state->cancel.slot(), [state, at](error_code failure) {
                          if (state->ended || failure || state->armed != at) return;
                          state->armed = Duration::max();
                          if (state->due == Duration::max()) return;
                          if (state->due > state->ctx.uptime()) return arm(state);
                          state->due = Duration::max();
                          state->barked = true;
                          state->bark();
                        }));
}

}  // namespace argot::http
