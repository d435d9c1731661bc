// How a call reaches a node. Over HTTPS straight to it now; the onion slots in here, with the same Reply.
#pragma once
#include "replies.h"

#include <argot/task.h>

namespace argot::swarm {

class NodeCaller {
 public:
  virtual ~NodeCaller() = default;
  /// One storage RPC. Gives whatever status the node answered with; throws Error(unavailable, timeout, corrupt ...)
  /// when there is no answer, in a sentence that names the node's address.
  virtual Task<Reply> call(ServiceNode node, std::string method, boost::json::object params) = 0;
};

}  // namespace argot::swarm
