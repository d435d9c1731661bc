#include <argot/context.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/redirect_error.hpp>

#include <limits>

namespace argot {

void throw_unbound(const Slot& slot) {
  throw Error(Code::unavailable, "No plugin is bound to " + slot.interface_id + " now.",
              "Load one that provides it, or wait until the swap has finished.");
}

Task<> Context::sleep(Duration time) {
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  co_await asio::async_initiate<decltype(token), void(error_code)>(
      [this](auto handler, Duration at) { wait_until(at, Handler<void(error_code)>(std::move(handler))); }, token,
      uptime() + time);
  if (failure) throw Error(Code::cancelled, "The wait ended early because its owner is stopping.");
}

std::uint64_t Context::random_number() {
  std::uint64_t n;
  random({reinterpret_cast<Byte*>(&n), sizeof n});
  return n;
}

std::uint64_t Context::random_below(std::uint64_t bound) {
  // Rejection keeps it uniform.
  const std::uint64_t limit =
      std::numeric_limits<std::uint64_t>::max() - std::numeric_limits<std::uint64_t>::max() % bound;
  std::uint64_t n;
  do n = random_number();
  while (n >= limit);
  return n % bound;
}

struct Deadline::State {
  bool done = false, expired = false;
  std::function<void()> on_expiry;
  asio::cancellation_signal cancel;
};

Deadline::Deadline(Context& ctx, Duration time, std::function<void()> on_expiry) : state_(std::make_shared<State>()) {
  state_->on_expiry = std::move(on_expiry);
  auto state = state_;
  ctx.wait_until(ctx.uptime() + time, asio::bind_cancellation_slot(state->cancel.slot(), [state](error_code failure) {
                   if (state->done || failure) return;
                   state->expired = true;
                   state->on_expiry();
                 }));
}

Deadline::~Deadline() {
  state_->done = true;
  state_->on_expiry = nullptr;
  state_->cancel.emit(asio::cancellation_type::terminal);
}

bool Deadline::expired() const { return state_->expired; }

}  // namespace argot
