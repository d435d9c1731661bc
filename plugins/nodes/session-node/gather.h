#pragma once
// Several coroutines at once, and one that waits for all of them.
#include <argot/doorbell.h>

#include <memory>
#include <string>

namespace argot::node {

class Gather {
 public:
  explicit Gather(Context& ctx) : ctx_(ctx), state_(std::make_shared<State>(ctx)) {}

  /// The task must own what it writes to: it may outlive this object when the waiter is cancelled.
  void spawn(std::string what, Task<> task) {
    ++state_->left;
    ctx_.spawn(std::move(what), counted(state_, std::move(task)));
  }
  Task<> wait() {
    while (state_->left > 0) co_await state_->bell.wait(std::nullopt);
  }
  /// Returns at the latest after this time, whether they have ended or not.
  Task<> wait_at_most(Duration time) {
    const Duration until = ctx_.uptime() + time;
    while (state_->left > 0 && ctx_.uptime() < until) co_await state_->bell.wait(until);
  }

 private:
  struct State {
    explicit State(Context& ctx) : bell(ctx) {}
    std::size_t left = 0;
    Doorbell bell;
  };
  static Task<> counted(std::shared_ptr<State> state, Task<> task) {
    struct Done {
      std::shared_ptr<State> state;
      ~Done() {
        if (--state->left == 0) state->bell.ring();
      }
    } done{std::move(state)};
    co_await std::move(task);
  }

  Context& ctx_;
  std::shared_ptr<State> state_;
};

}  // namespace argot::node
