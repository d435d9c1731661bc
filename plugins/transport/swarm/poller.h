// News of mailboxes. What is asked for at the same time for one account goes out as one request. Nodes that can hold
// a request until something comes (docs/design/network.md) are let do so; others are asked again and again.
#pragma once
#include "cursor.h"
#include "swarm_client.h"

#include <argot/doorbell.h>
#include <argot/transport.h>

#include <set>

namespace argot::swarm {

class Poller {
 public:
  /// `usual`: how often to ask nodes that do not hold requests. `push`: whether to ask them to.
  Poller(Context& ctx, SwarmClient& client, Duration usual, bool push)
      : ctx_(ctx), client_(client), usual_(usual), push_(push) {}

  /// Transport::receive.
  Task<Batch> receive(ReceiveRequest request);
  /// Something was stored: an answer to it may come soon.
  void stored() { last_stored_ = ctx_.uptime(); }
  /// Whether the nodes of the last answer hold requests.
  bool pushes() const { return pushes_; }

 private:
  struct Asking;
  using AskingPtr = std::shared_ptr<Asking>;
  struct Group;
  struct Presence;
  struct Gathering;
  struct Known {
    Duration due{};        ///< uptime before which it is not asked for again
    Duration last_news{};  ///< uptime
  };
  struct Held {
    Fixed<32> node{};
    Duration until{};  ///< then another node is taken: one that missed something must not stay for ever
  };
  /// Puts a batch or an error into each of the group.
  Task<> ask(std::shared_ptr<Group> group);
  Task<> ask_one(std::shared_ptr<Group> group, SwarmClient::Answer answer, Duration began);
  Task<> ask_many(std::shared_ptr<Group> group, SwarmClient::Answer answer, Duration began);
  void take(const AskingPtr& one, const SwarmClient::Answer& answer, RetrieveReply reply, Duration began, bool held);
  bool is_polled_with_others(const Mailbox& mailbox) const;
  Duration interval(const Known& known) const;

  Context& ctx_;
  SwarmClient& client_;
  Duration usual_;
  bool push_, pushes_ = false;
  Duration last_stored_ = Duration::min() / 2;
  std::map<AccountId, std::vector<AskingPtr>> asking_;
  std::map<Mailbox, Known> known_;  // so that short waits do not poll more often
  std::map<AccountId, Held> held_;
  std::set<AccountId> gathering_;  // somebody waits a moment for others to join
  std::size_t held_now_ = 0;
};

}  // namespace argot::swarm
