// How a request reaches a server outside the network: behind an onion, or straight.
#pragma once
#include <argot/error.h>
#include <argot/onion.h>
#include <argot/task.h>

#include <functional>

namespace argot::swarm {

struct ServerCall {
  onion::Server server;
  onion::ServerRequest request;
  /// Bytes of the request that have gone, and of the answer that have come; may be empty.
  std::function<void(std::uint64_t)> on_sent = {}, on_received = {};
};

class ServerCaller {
 public:
  virtual ~ServerCaller() = default;
  /// Gives whatever the server answered; throws Error(unavailable, timeout ...) when there is no answer.
  virtual Task<onion::ServerReply> ask(ServerCall call) = 0;
  virtual bool hides_us() const = 0;
};

}  // namespace argot::swarm
