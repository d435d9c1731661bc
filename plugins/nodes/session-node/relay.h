#pragma once
// Asks the other members of the swarm to carry out a call too (storage_node.md section 10).
#include <argot/http.h>

#include <boost/json/object.hpp>

#include <memory>
#include <optional>

#include "keys.h"
#include "swarm.h"

namespace argot::node {

class Relay {
 public:
  Relay(Context& ctx, Handle<Network> network, std::shared_ptr<const NodeKeys> keys);

  /// The peer's entry for the client's reply; what went wrong is in it: {"failed":true, ...}. At most 5 s, no retry.
  Task<boost::json::object> ask(ServiceNode peer, std::string method, std::string params);
  /// Gives up the connections and their timers; what is asked later fails at once.
  void close() noexcept { client_.reset(); }

 private:
  Context& ctx_;
  std::shared_ptr<const NodeKeys> keys_;
  std::optional<http::Client> client_;
};

}  // namespace argot::node
