#pragma once
// Onion requests, a node's part (onion_node.md): opens its layer and passes the rest on to the next node, carries out
// the call inside, or sends it to a server.
#include <argot/http.h>
#include <argot/onion.h>

#include <optional>

#include "call_desk.h"
#include "link.h"
#include "service.h"

namespace argot::node {

class OnionDesk {
 public:
  struct Options {
    bool private_servers = false;  ///< may send to loopback and private addresses
  };
  /// All must outlive the requests that run.
  OnionDesk(Context& ctx, const Service& service, CallDesk& desk, Links& links, Handle<Network> network,
            Options options);

  /// The body of POST /onion_req/v2. Throws Refused(400) when it is no onion request.
  Task<http::Response> from_client(std::string body);
  /// The body of Endpoint::onion_request. Throws Refused.
  Task<LinkAnswer> from_node(std::string body);
  void shut_down() { shutting_down_ = true; }
  void close() noexcept;

 private:
  Task<http::Response> peel(std::shared_ptr<const std::string> body, onion::Layer layer);
  Task<http::Response> here(onion::Channel channel, onion::ForMe step, std::shared_ptr<const Bytes> plain);
  Task<http::Response> to_node(onion::ForNode step, int hop_no);
  Task<http::Response> to_server(onion::Channel channel, onion::ForServer step, std::shared_ptr<const Bytes> plain);
  bool may_reach(const std::string& host) const;

  Context& ctx_;
  const Service& service_;
  CallDesk& desk_;
  Links& links_;
  Options options_;
  std::optional<http::Client> plain_, tls_;
  bool shutting_down_ = false;
};

/// Loopback, private, link-local, unspecified: what a node on the Internet must not be made to reach.
bool is_private_host(std::string_view host);

}  // namespace argot::node
