#pragma once
// What every member of the swarm carries out (storage_node.md section 10), in rounds: what comes in while this node
// writes to its disk goes to the others in one message each, and into one transaction. Alone, a call is a round.
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "gather.h"
#include "relay.h"
#include "service.h"

namespace argot::node {

class Rounds {
 public:
  using CallPtr = std::shared_ptr<const Call>;
  /// This node's own entries, one for each call, when they are on the disk. Throws Refused, or cancellation.
  using Own = std::function<Task<std::vector<json::object>>(std::vector<CallPtr>)>;
  static constexpr std::size_t max_calls = 64, max_bytes = 1'000'000;  ///< of a round; what is more begins the next

  /// `ctx`, `service` and `relay` must outlive the calls that run.
  Rounds(Context& ctx, const Service& service, Relay& relay, Own own)
      : ctx_(ctx), service_(service), relay_(relay), own_(std::move(own)) {}

  /// A recursive call that has been checked: the entries of all members, this node's too, by their names. Throws what
  /// `own` throws.
  Task<Service::Entries> carry_out(CallPtr call);

 private:
  struct Seat;
  using Seats = std::vector<std::shared_ptr<Seat>>;
  void start();
  Task<> run(std::shared_ptr<const Seats> seats);
  void ask_others(Gather& all, const std::shared_ptr<const Seats>& seats);
  Task<> ask(ServiceNode peer, std::shared_ptr<const std::vector<std::string>> bodies,
             std::shared_ptr<const Seats> seats);

  Context& ctx_;
  const Service& service_;
  Relay& relay_;
  Own own_;
  Seats next_;  ///< who waits for the next round
  std::size_t next_bytes_ = 0;
  bool writing_ = false;  ///< a round writes to this node's disk
};

}  // namespace argot::node
