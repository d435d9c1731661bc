#pragma once
// The waiting retrieve, our extension (docs/design/network.md): an empty answer is held until a message is stored in
// the mailbox or the time is over. Nodes without it ignore the field.
#include <argot/doorbell.h>

#include <map>
#include <memory>

#include "service.h"

namespace argot::node {

/// Account and namespace.
using Box = std::pair<AccountId, std::int16_t>;

/// What a call asks to wait for.
struct WaitWish {
  std::vector<Box> boxes;
  std::int64_t ms = 0;  ///< 0: does not wait
};
WaitWish wait_wish(const Call& call);
/// Everything went well and no retrieve found a message: worth waiting.
bool found_nothing(const Call& call, const Reply& reply);
/// Adds "waited_ms" to the answers of the retrieves that asked.
void tell_waited(const Call& call, Reply& reply, std::int64_t ms);

/// Who waits for which mailbox. Bounded; all on the loop.
class Waiters {
 public:
  static constexpr std::int64_t max_wait_ms = 25'000;
  static constexpr std::size_t max_waiting = 10'000, max_per_account = 64;

  /// A place among those who wait: take it before looking, so that nothing is missed in between.
  class Ticket {
   public:
    Ticket(Waiters& waiters, Context& ctx, std::vector<Box> boxes);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    /// False when there was no room.
    bool valid() const { return !places_.empty(); }
    /// True when a message was stored since the ticket was made; false at the deadline (uptime), or when all waits end.
    Task<bool> wait(Duration deadline);

   private:
    friend class Waiters;
    struct State;
    Waiters& waiters_;
    Context& ctx_;
    std::shared_ptr<State> state_;
    std::vector<std::multimap<Box, std::shared_ptr<State>>::iterator> places_;
  };

  /// A message has come to this mailbox.
  void stored(const Box& box);
  void end_all();
  std::size_t waiting() const { return waiting_; }

 private:
  std::multimap<Box, std::shared_ptr<Ticket::State>> places_;
  std::size_t waiting_ = 0;
};

}  // namespace argot::node
