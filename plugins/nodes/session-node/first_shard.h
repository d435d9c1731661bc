#pragma once
// The first shard's side: answers the others, and tells them of the network.
#include <functional>
#include <list>

#include "front.h"
#include "local_desk.h"
#include "shard.h"

namespace argot::node {

class FirstShard {
 public:
  /// What another node asks, whichever shard it came to.
  using PeerHandler = std::function<Task<LinkAnswer>(Endpoint endpoint, std::string body)>;

  /// What else the node does when it hears of it.
  struct Events {
    std::function<void()> tested, ends;
  };

  /// All must outlive this.
  FirstShard(Context& ctx, const Service& service, Front& front, LocalDesk& desk, PeerHandler peers, Events events);

  /// Waits for the others at shards_meet_at(). `address`: where all are to listen.
  Task<> open(std::string address);
  /// The list of nodes has changed.
  void network_changed();
  Task<> close();

 private:
  Task<> accept();
  Task<LinkAnswer> answer(Endpoint endpoint, std::string body);
  Task<LinkAnswer> news(std::string known);
  std::string version() const;

  Context& ctx_;
  const Service& service_;
  Front& front_;
  LocalDesk& desk_;
  PeerHandler peers_;
  Events events_;
  LinkServer server_;
  ServiceNode self_;
  std::unique_ptr<Listener> listener_;
  std::string address_, life_;
  std::uint64_t changes_ = 1;
  bool ending_ = false;
  std::list<Doorbell*> curious_;
  Gather running_;
};

}  // namespace argot::node
