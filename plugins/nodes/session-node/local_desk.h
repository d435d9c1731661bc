#pragma once
// Calls that this kernel carries out itself.
#include "call_desk.h"
#include "dispatcher.h"

namespace argot::node {

class LocalDesk final : public CallDesk {
 public:
  /// The dispatcher must outlive the calls that run.
  explicit LocalDesk(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}
  Task<RpcAnswer> serve(RpcCall call) override;
  /// For a call that a shard of this node passes on; Origin::shard when that one has checked it.
  Task<RpcAnswer> serve_from(RpcCall call, Origin origin);

 private:
  Dispatcher& dispatcher_;
};

/// A reply as text.
RpcAnswer written(const Reply& reply);

}  // namespace argot::node
