#include "front.h"

#include "to_json.h"

namespace argot::node {
namespace {

http::Response response_of(unsigned status, std::string body, const char* type) {
  http::Response out;
  out.status = status;
  out.headers.emplace_back("Content-Type", type);
  out.body = std::move(body);
  return out;
}

http::Response response_of(const Refused& refused) {
  return response_of(refused.status(), refused.what(), "text/plain");
}

/// "127.0.0.1:50312" without its port.
std::string_view host_of(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

Task<http::Response> Front::handle(http::Request request) {
  const std::string route = request.method + " " + request.target;
  try {
    if (route == "POST /storage_rpc/v1") co_return co_await storage_rpc(std::move(request));
    if (route == "POST /onion_req/v2") co_return co_await onion_request(std::move(request));
    if (route == "POST /ping_test/v1") co_return ping_test();
    if (route == "GET /get_stats/v1") {
      const std::string name = Service::server_name(service_.facts());
      const json::object stats{{"version", name.substr(name.find('/') + 1)}};
      co_return response_of(200, to_json(stats), "application/json");
    }
  } catch (const Refused& refused) {
    co_return response_of(refused);
  } catch (const std::invalid_argument& error) {
    ctx_.warn(std::string("A request could not be worked on: ") + error.what());
    co_return response_of(500, "request failed", "text/plain");
  }
  std::string method = request.method;
  for (char& c : method)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  co_return response_of(404, method + " " + request.target + " Not Found", "text/plain");
}

void Front::check_ready() const {
  const char* reason = shutting_down_ ? "shutting down" : !service_.own_swarm() ? "not in any swarm" : nullptr;
  if (reason) throw Refused(503, std::string("Service node is not ready: ") + reason + "\n");
}

void Front::count(std::string_view source) {
  // Only IPv4, says the protocol; hosts of a simulation have names, which have no colon either.
  if (source.find(':') != std::string_view::npos) throw Refused(400, "Bad Request\n");
  if (options_.rate_limit && limiter_.limits(source, ctx_.uptime())) throw Refused(429, "Too Many Requests\n");
}

Task<http::Response> Front::storage_rpc(http::Request request) {
  check_ready();
  std::string source(host_of(request.peer));
  count(source);
  if (!request.header("X-Loki-Long-Poll").empty())
    throw Refused(410, "long polling is no longer supported, client upgrade required");
  auto body = std::make_shared<const std::string>(std::move(request.body));
  RpcCall call;
  call.text = *body;
  call.keeps = std::move(body);
  call.source = std::move(source);
  RpcAnswer answer = co_await desk_.serve(std::move(call));
  co_return response_of(answer.status, std::move(answer.body), answer.is_json ? "application/json" : "text/plain");
}

Task<http::Response> Front::onion_request(http::Request request) {
  check_ready();
  Admission admission(onions_inside_, request.body.size());
  co_return co_await onions_.from_client(std::move(request.body));
}

http::Response Front::ping_test() const {
  if (pinged_) pinged_();
  http::Response out = response_of(200, "", "text/plain");
  out.headers.emplace_back("X-Oxen-Snode-Pubkey", to_base64(service_.keys().ed25519()));
  return out;
}

}  // namespace argot::node
