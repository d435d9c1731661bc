// How a call reaches a node: over HTTPS straight to it, or in an onion.
#pragma once
#include "replies.h"

#include <argot/error.h>
#include <argot/task.h>

namespace argot::swarm {

/// The way to a node does not work. Nothing is known about the node itself.
class WayError final : public Error {
 public:
  explicit WayError(const Error& why) : Error(why) {}
  ~WayError() override;
};

class NodeCaller {
 public:
  virtual ~NodeCaller() = default;
  /// One storage RPC. Gives whatever status the node answered with; throws Error(unavailable, timeout, corrupt ...)
  /// when there is no answer, in a sentence that names the node's address, and WayError when the node is not to blame.
  /// `held`: how long the node may keep the request on purpose before it answers.
  virtual Task<Reply> call(ServiceNode node, std::string method, boost::json::object params, Duration held = {}) = 0;
  /// Whether we speak to this node ourselves, so that it knows our address.
  virtual bool knows_us([[maybe_unused]] const ServiceNode& node) const { return false; }
  /// Ends what was begun in the background.
  virtual Task<> close() { co_return; }
};

}  // namespace argot::swarm
