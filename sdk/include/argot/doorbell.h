#pragma once
// A loop that waits for work or for a moment, whichever comes first.
#include <argot/context.h>

namespace argot {

/// One waiter at a time, and a ring is kept: ring() before wait() makes the next wait() return at once; several count
/// as one.
class ARGOT_API Doorbell {
 public:
  explicit Doorbell(Context& ctx);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;

  /// Returns after ring(), at `deadline` (uptime; nothing: never), or when the waiting coroutine is cancelled. Throws
  /// Error(cancelled) when a wait with a deadline is cut short because the instance stops, as Context::sleep does: a
  /// loop around it ends. Without a deadline nothing but ring() ends the wait: stop() rings.
  Task<> wait(std::optional<Duration> deadline);
  /// Never runs the waiter inside the call. Cheap when nobody waits.
  void ring();

 private:
  struct State;
  Context& ctx_;
  std::shared_ptr<State> state_;
};

}  // namespace argot
