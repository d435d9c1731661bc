#pragma once
// Links to and from the other nodes: requests of one node to another and their answers, many at once over one
// authenticated, encrypted connection (noise.h, link_frames.h). They share the port of the clients' HTTPS.
#include <argot/network.h>

#include <functional>
#include <list>
#include <map>

#include "gather.h"
#include "keys.h"
#include "link_frames.h"
#include "swarm.h"

namespace argot::node {

/// What one node may ask of another; the names are those of OMQ (transports.md section 3).
enum class Endpoint : std::uint16_t {
  storage_cc = 1,     ///< bencoded [method, params]: the receiver's own entry, bencoded
  onion_request = 2,  ///< onion_node.md section 6
  data = 3,           ///< messages handed over (swarm.md section 7): empty
  ping = 4,           ///< "pong"
  storage_batch = 5,  ///< several bodies of storage_cc at once, and their answers (relay.h)

  // Of one shard of a node to the first one, over a link that no other node can make (shard.h):
  shard_news = 100,    ///< what the shard knows of the network: the answer comes when it is no longer all
  shard_call = 101,    ///< a client's call; its answer
  shard_peer = 102,    ///< what another node asked of the shard; its answer
  shard_tested = 103,  ///< somebody has tested whether this node can be reached
  shard_ends = 104     ///< the node is about to stop: nobody waits for a message any more
};

struct LinkAnswer {
  unsigned status = 200;
  std::string body;
};

/// Asks others. One connection to each node that was asked; it stays until it breaks or is not used for a while.
class Links {
 public:
  static constexpr std::size_t max_pending = 20'000;  ///< requests that wait for an answer, over all nodes

  /// `only`: an address that stands for that of every node.
  Links(Context& ctx, Handle<Network> network, std::shared_ptr<const NodeKeys> keys, std::string only = {})
      : ctx_(ctx),
        network_(std::move(network)),
        keys_(std::move(keys)),
        only_(std::move(only)),
        earlier_(ctx),
        running_(ctx) {}

  /// Throws Error: timeout; unavailable (cannot connect, connection lost, too much waits); never asks twice.
  Task<LinkAnswer> ask(ServiceNode peer, Endpoint endpoint, std::string body, Duration at_most);
  /// Closes connections that nobody has used for a minute. Call it now and then.
  void close_idle();
  std::size_t open() const { return links_.size(); }
  /// Gives up all connections; what is asked later fails at once. Returns when they are gone.
  Task<> close();

 private:
  struct Pending;
  struct Link;
  Task<> run(std::shared_ptr<Link> link, ServiceNode peer);
  Task<std::shared_ptr<FrameStream>> connect(std::shared_ptr<Link> link, ServiceNode peer);
  void look_at(Duration deadline);
  Task<> watch();

  Context& ctx_;
  Handle<Network> network_;
  std::shared_ptr<const NodeKeys> keys_;
  std::string only_;
  std::map<Fixed<32>, std::shared_ptr<Link>> links_;
  std::size_t pending_ = 0;
  /// The earliest deadline of all that wait, or an earlier moment: one timer for all of them, which most outlive.
  Duration next_look_ = Duration::max();
  Doorbell earlier_;
  bool closed_ = false;
  Gather running_;
};

/// Answers others.
class LinkServer {
 public:
  /// What throws Refused becomes its status and text.
  using Handler = std::function<Task<LinkAnswer>(ServiceNode sender, Endpoint endpoint, std::string body)>;
  /// Who may connect: the active node with this X25519 key, or nothing.
  using Finder = std::function<const ServiceNode*(ByteView x25519)>;
  static constexpr std::size_t max_inside = 12'000, max_bytes_inside = 256 * 1024 * 1024;

  /// Who asks: other nodes, or shards of this one; each is asked other things.
  enum class Callers { nodes, shards };
  LinkServer(Context& ctx, std::shared_ptr<const NodeKeys> keys, Finder finder, Handler handler,
             Callers callers = Callers::nodes)
      : ctx_(ctx),
        keys_(std::move(keys)),
        finder_(std::move(finder)),
        handler_(std::move(handler)),
        callers_(callers),
        idle_(ctx) {}

  /// Serves one connection whose first bytes are link_magic, until it ends.
  Task<> serve(Stream stream);
  /// Ends all connections; returns when the last answer has been worked on, at the latest after 2 s.
  Task<> close();

 private:
  Task<> answer(std::shared_ptr<FrameStream> frames, ServiceNode sender, Frame request);
  Task<std::shared_ptr<FrameStream>> welcome(Stream stream, std::shared_ptr<Fixed<32>> who);

  Context& ctx_;
  std::shared_ptr<const NodeKeys> keys_;
  Finder finder_;
  Handler handler_;
  Callers callers_;
  std::list<std::weak_ptr<Stream>> greeting_;
  std::list<std::weak_ptr<FrameStream>> open_;
  std::size_t inside_ = 0, bytes_inside_ = 0;
  bool closed_ = false;
  Doorbell idle_;  ///< rung when nothing is inside any more
};

}  // namespace argot::node
