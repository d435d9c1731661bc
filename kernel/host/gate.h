#pragma once
// A one-time event that one coroutine waits for, and an alarm that opens one.
#include <kernel/host/turns.h>
#include <kernel/world/world.h>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace argot::kernel {

/// Calls `function` in a turn of its own, never inside this call; false when the executor is not one of the kernel's
/// owners. An any_completion_executor does not know of blocking.never (Boost 1.81) and would run it here when it may.
template <class F> bool post_to(const asio::any_completion_executor& executor, F& function) {
  const auto* known = executor.target<OwnerExecutor>();
  if (!known) return false;
  known->require(asio::execution::blocking.never).execute(std::move(function));
  return true;
}

/// Calls a handler in a turn of its own on the executor that goes with it. (asio::post does not take the executor of
/// an any_completion_handler in Boost 1.81.)
template <class... S, class... A> void post_handler(asio::any_completion_handler<S...> handler, A... arguments) {
  const asio::any_completion_executor executor = asio::get_associated_executor(handler);
  auto call = [handler = std::move(handler), arguments...]() mutable { std::move(handler)(arguments...); };
  if (!post_to(executor, call)) executor.execute(std::move(call));
}

/// Copies share the event. Opening it before, while or after somebody waits is all the same; opening it again does
/// nothing. A wait that is cancelled returns although the gate is shut: the waiter looks at what it waits for.
class Gate {
 public:
  void open() {
    state_->open = true;
    state_->wake();
  }
  bool is_open() const { return state_->open; }
  /// Ends the wait without opening: what was waited for will not come.
  void abandon() { state_->wake(); }

  Task<> wait() {
    std::shared_ptr<State> state = state_;
    if (state->open) co_return;
    asio::use_awaitable_t<> token;
    co_await asio::async_initiate<asio::use_awaitable_t<>, void()>(
        [](auto handler, std::shared_ptr<State> s) {
          Handler<void()>(std::move(handler)).swap(s->waiter);  // its assignment does not compile in Boost 1.81
          if (auto slot = asio::get_associated_cancellation_slot(s->waiter); slot.is_connected())
            slot.assign([weak = std::weak_ptr(s)](asio::cancellation_type) {
              if (auto strong = weak.lock()) strong->wake();
            });
        },
        token, state);
  }

 private:
  struct State {
    bool open = false;
    Handler<void()> waiter;
    void wake() {
      if (!waiter) return;
      Handler<void()> taken;
      taken.swap(waiter);
      post_handler(std::move(taken));
    }
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Opens a gate after `time` of the world, unless destroyed before.
class Alarm {
 public:
  Alarm(World& world, Duration time, Gate gate) : state_(std::make_shared<State>()) {
    auto state = state_;
    world.wait_until(world.uptime() + time,
                     asio::bind_cancellation_slot(state->cancel.slot(), [state, gate](error_code failure) mutable {
                       state->over = true;
                       if (!failure) state->expired = true;
                       if (!failure) gate.open();
                     }));
  }
  ~Alarm() {
    if (!state_->over) state_->cancel.emit(asio::cancellation_type::terminal);
  }
  Alarm(const Alarm&) = delete;
  bool expired() const { return state_->expired; }

 private:
  struct State {
    asio::cancellation_signal cancel;
    bool expired = false, over = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace argot::kernel
