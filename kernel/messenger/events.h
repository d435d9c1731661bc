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
  /// Queues an event; subscribers hear of it on a later turn of the loop. Without subscribers it is only counted.
  void emit(Event event);
  Subscription subscribe(std::function<void(const Event&)> on_event);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace argot::kernel
