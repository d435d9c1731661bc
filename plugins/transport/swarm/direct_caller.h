// Storage RPC straight to a node: POST /storage_rpc/v1 over TLS (network/storage_node.md section 2). The node sees our
// address; the certificate is not checked, because it is bound to no key (section 3).
#pragma once
#include "node_caller.h"
#include "ongoing.h"
#include "server_caller.h"

#include <argot/http.h>

namespace argot::swarm {

class DirectCaller final : public NodeCaller, public ServerCaller {
 public:
  DirectCaller(Context& ctx, Handle<Network> network, Duration timeout);
  Task<Reply> call(ServiceNode node, std::string method, boost::json::object params, Duration held = {}) override;
  /// Over plain HTTP or TLS, as its address says; the server sees us.
  Task<onion::ServerReply> ask(ServerCall call) override;
  bool hides_us() const override { return false; }
  Task<> close() override;
  bool knows_us(const ServiceNode&) const override { return true; }

 private:
  Ongoing ongoing_;
  std::optional<http::Client> quick_, patient_, servers_, tls_servers_;  // none once it is closed
};

}  // namespace argot::swarm
