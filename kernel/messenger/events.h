#pragma once
// Events to whoever subscribed: numbered, in order, each on a turn of its own.
#include <argot/context.h>
#include <argot/messenger.h>

#include <deque>
#include <list>

namespace argot::kernel {

class Events {
 public:
  explicit Events(Context& ctx);
  ~Events();
  /// Queues an event; subscribers hear of it on a later turn of the loop. Without subscribers it is only counted, and
  /// not made.
  template <class Make> void emit(Make make) {
    ++last_;
    if (!heard()) return;
    Event event = make();
    event.sequence = last_;
    queue(std::move(event));
  }
  Subscription subscribe(std::function<void(const Event&)> on_event);

 private:
  struct State;
  bool heard() const;
  void queue(Event event);

  std::shared_ptr<State> state_;
  std::uint64_t last_ = 0;
};

}  // namespace argot::kernel
