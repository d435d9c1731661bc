#pragma once
// A loop that waits for work or for a moment, whichever comes first.
#include <argot/context.h>

namespace argot {

/// One waiter at a time. notify() before wait() makes the next wait() return at once.
class ARGOT_API Wakeup {
 public:
  explicit Wakeup(Context& ctx);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;

  /// Returns after notify(), at `deadline` (uptime; nothing: never), or when the waiting coroutine is cancelled.
  Task<> wait(std::optional<Duration> deadline);
  /// Never runs the waiter inside the call. Cheap when nobody waits.
  void notify();

 private:
  struct State;
  Context& ctx_;
  std::shared_ptr<State> state_;
};

}  // namespace argot
