// Bounds what happens on one connection in time. Unlike a Deadline it is set many times and costs a timer only when it
// fires: one comparison a request.
#pragma once
#include <argot/context.h>

namespace argot::http {

class Watchdog {
 public:
  /// `bark` is called once, when the set time has passed; it closes the connection.
  Watchdog(Context& ctx, std::function<void()> bark);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;

  void set(Duration from_now);
  void off();
  bool barked() const;

 private:
  struct State;
  static void arm(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace argot::http
